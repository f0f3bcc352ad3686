"""Triton kernels for irlens: found without changing the file, compiled without a GPU.

irlens_worker finds this package through irlens_worker.providers. Nothing here is imported
before a file asks for it, and torch never.
"""

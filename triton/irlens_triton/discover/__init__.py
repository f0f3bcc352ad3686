"""Finds the kernels of a file: launched ones, those that comments describe, IR files."""

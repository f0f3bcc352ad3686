"""From PyTorch programs to IR: discovery, export, FX, TorchScript, torch-mlir.

A provider of the capture worker (engine/worker). Works without torch_mlir, and imports
without torch, so that a missing part costs its own stages only.
"""

from irlens_worker.frames import register_own_folder

register_own_folder(__file__)

# All operations that cannot be lowered are reported, each on its line.
# REQUIRES: torch, torch-mlir
# RUN: not %irlens-capture %s --to torch 2>&1 | FileCheck %s
import torch


def f(x):
    y = torch.special.bessel_j0(x)
    z = torch.special.bessel_j1(x)
    return y + z + torch.special.bessel_j0(y)


__explore__(f, torch.randn(3))

# CHECK: failure.py:8:9: error: torch.aten.special_bessel_j0 cannot be lowered to torch (2 times in the program)
# CHECK: failure.py:10:20: note: also here
# CHECK: failure.py:9:9: error: torch.aten.special_bessel_j1 cannot be lowered to torch

# A mask of unknown size makes a conversion allocate without end: stopped, and explained.
# REQUIRES: torch, torch-mlir
# RUN: not %irlens-capture %s --to linalg 2>&1 | FileCheck %s
import torch


def f(x):
    return x[x > 0]


__explore__(f, torch.randn(4, 4))

# CHECK: memory.py:8:{{[0-9]+}}: error: torch.aten.index{{.*}} makes the compiler run out of memory on the way to linalg

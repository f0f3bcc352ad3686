# A mask beside other indices makes a conversion allocate without end: stopped, and explained.
# REQUIRES: torch, torch-mlir
# RUN: not %irlens-capture %s --to linalg 2>&1 | FileCheck %s
import torch


def f(x, i):
    return x[x[:, 0] > 0, i]


__explore__(f, torch.ones(2, 4), torch.tensor([1, 3]))

# CHECK: memory.py:8:{{[0-9]+}}: error: torch.aten.index{{.*}} makes the compiler run out of memory on the way to linalg

# A program that branches on data is shown as the example inputs run it.
# REQUIRES: torch, torch-mlir
# RUN: %irlens-capture %s --to fx | FileCheck %s
# RUN: %irlens-capture %s --to linalg | FileCheck %s --check-prefix=LINALG
import torch


def f(x):
    if x.sum() > 0:
        return x.sin()
    return x.cos()


__explore__(f, torch.ones(3))

# CHECK:     torch.ops.aten.sin.default
# CHECK-NOT: torch.ops.aten.cos.default
# CHECK-NOT: assert
# LINALG:    math.sin

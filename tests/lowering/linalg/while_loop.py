# A loop that starts whatever the inputs are still ends as the program says.
# REQUIRES: torch, torch-mlir
# RUN: %irlens-capture %s --to linalg | FileCheck %s
import torch
from torch._higher_order_ops import while_loop


def f(x):
    return while_loop(lambda d, y: d > 0.1, lambda d, y: (d * y.mean(), y * 2), (torch.tensor(1.0), x))[1]


__explore__(f, torch.randn(4))

# CHECK-NOT: 9223372036854775807 step
# CHECK:     scf.while
# CHECK:       scf.condition
# CHECK:       arith.cmpf ogt
# CHECK:       scf.yield

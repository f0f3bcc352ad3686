# torch.cond keeps both branches, each with the line of its own.
# REQUIRES: torch, torch-mlir
# RUN: %irlens-capture %s --to torch | FileCheck %s
# RUN: %irlens-capture %s --to linalg | FileCheck %s --check-prefix=LINALG
# RUN: %irlens-capture %s --to stablehlo | FileCheck %s --check-prefix=SELECT
# RUN: %irlens-capture %s --to torchscript | FileCheck %s --check-prefix=TAKEN
import torch


def f(x):
    return torch.cond(x.sum() > 0, lambda a: a.sin(), lambda a: a.cos(), (x,))


__explore__(f, torch.ones(3))

# CHECK: torch.prim.If %{{.*}} -> (!torch.vtensor<[3],f32>)
# CHECK:   torch.aten.sin %arg0
# CHECK:   torch.prim.If.yield
# CHECK: } else {
# CHECK:   torch.aten.cos %arg0

# LINALG: scf.if
# LINALG:   math.sin
# LINALG: else
# LINALG:   math.cos

# SELECT-DAG: stablehlo.sine
# SELECT-DAG: stablehlo.cosine
# SELECT:     stablehlo.select

# A trace has the branch that the inputs take.
# TAKEN:     aten::sin
# TAKEN-NOT: aten::cos

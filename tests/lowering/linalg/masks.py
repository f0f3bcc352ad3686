# What a mask selects has a size that only the run knows. (torch-mlir's own way for it
# allocates without end.)
# REQUIRES: torch, torch-mlir
# RUN: %irlens-capture %s --to linalg | FileCheck %s
import torch


def f(x):
    return x[x > 0]


__explore__(f, torch.randn(4, 4))

# CHECK: #[[LINE:loc[0-9]*]] = loc("{{.*}}masks.py":9:12)
# CHECK: func.func @main(%{{.*}}: tensor<4x4xf32>{{.*}} -> tensor<?xf32>
# CHECK: arith.cmpf ogt, %{{.*}} : f32
# CHECK: tensor.extract %{{.*}}[%{{.*}}] : tensor<16xf32> loc(#[[LINE]])

# What TOSA has no operation for is said in terms of others, on the line where it stands;
# the rest of the program stays as it is.
# REQUIRES: torch, torch-mlir
# RUN: %irlens-capture %s --to tosa --entry tangent | FileCheck %s
# RUN: %irlens-capture %s --to tosa --entry spectrum | FileCheck %s --check-prefix=PAIRS
# RUN: %irlens-capture %s --to tosa --entry symbolic | FileCheck %s --check-prefix=FIXED
import torch
from torch.export import Dim


def tangent(x):
    y = torch.tanh(x)
    return torch.tan(y)


def spectrum(x):
    return torch.fft.rfft(x).abs()


def symbolic(x):
    return x.view(x.shape[0], 2, 3).mean(dim=0) + x.shape[0]


__explore__(tangent, torch.randn(3))
__explore__(spectrum, torch.randn(8))
__explore__(symbolic, torch.randn(4, 6), _dynamic_shapes=({0: Dim("n")},))

# CHECK-DAG: #[[LINE:loc[0-9]*]] = loc("{{.*}}in_other_terms.py":13:12)
# CHECK-DAG: tosa.tanh
# CHECK-DAG: tosa.sin %{{.*}} loc(#[[LINE]])
# CHECK-DAG: tosa.cos %{{.*}} loc(#[[LINE]])

# PAIRS: func.func @main(%{{.*}}: tensor<8xf32>{{.*}} -> tensor<5xf32>
# PAIRS: tosa.matmul
# PAIRS: tosa.matmul

# FIXED: func.func @main(%{{.*}}: tensor<4x6xf32>

# Dimensions with names stay open in linalg; their names stand in fx (fx/dynamic.py).
# REQUIRES: torch, torch-mlir
# RUN: %irlens-capture %s --to linalg | FileCheck %s
import torch
from torch import nn

__explore__(nn.Linear(4, 3), torch.randn(5, 4), _dynamic_shapes={"input": {0: "batch"}})

# CHECK: func.func @main(%{{.*}}: tensor<?x4xf32>{{.*}}) -> tensor<?x3xf32>
# CHECK: linalg.matmul {{.*}} -> tensor<?x3xf32>

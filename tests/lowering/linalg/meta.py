# A model without weights (device "meta") lowers as well, whatever its size.
# REQUIRES: torch, torch-mlir
# RUN: %irlens-capture %s --to linalg | FileCheck %s
import torch
from torch import nn

with torch.device("meta"):
    model = nn.Sequential(nn.Linear(4096, 16384), nn.GELU(), nn.Linear(16384, 4096))
    x = torch.empty(1, 4096)

__explore__(model, x, _name="big")

# CHECK-DAG: dense_resource<p_0.weight> : tensor<16384x4096xf32>
# CHECK-DAG: dense_resource<p_2.weight> : tensor<4096x16384xf32>
# CHECK-DAG: math.erf

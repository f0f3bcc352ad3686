# Big weights are names without data, small ones are values; locations keep the call chain.
# REQUIRES: torch, torch-mlir
# RUN: %irlens-capture %s --to torch | FileCheck %s
# RUN: %irlens-capture %s --to torch --weights values | FileCheck %s --check-prefix=VALUES
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3)
        self.register_buffer("scale", torch.tensor([1.0, 2.0]), persistent=False)
        self.register_buffer("mask", torch.ones(4, 30) > 0)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.conv(x).sum() * self.scale
        return y.sum() + self.mask


# irlens: Net()(torch.randn(1, 1, 6, 6))

# CHECK-DAG: #[[CONV:loc[0-9]*]] = loc("{{.*}}conv.py":{{[0-9]+}}:{{[0-9]+}})
# CHECK-DAG: #[[LINE:loc[0-9]*]] = loc("{{.*}}weights.py":17:13)
# CHECK-DAG: func.func @main(%{{.*}}: !torch.vtensor<[1,1,6,6],f32>
# CHECK-DAG: torch.vtensor.literal(dense_resource<conv.weight> : tensor<8x1x3x3xf32>)
# CHECK-DAG: torch.vtensor.literal(dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>)
# CHECK-DAG: dense_resource<mask>
# CHECK-NOT: dialect_resources

# VALUES:    dialect_resources

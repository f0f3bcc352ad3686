# A linear layer, with its weights as names and its line on each operation.
# REQUIRES: torch, torch-mlir
# RUN: %irlens-capture %s --to stablehlo | FileCheck %s
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(8, 16)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.linear(x).tanh()


# irlens: Net()(torch.randn(2, 8))

# CHECK-DAG: loc("{{.*}}linear.py":14:16)
# CHECK-DAG: func.func @main(%{{.*}}: tensor<2x8xf32>{{.*}}) -> tensor<2x16xf32>
# CHECK-DAG: dense_resource<linear.weight> : tensor<16x8xf32>
# CHECK-DAG: stablehlo.dot
# CHECK-DAG: stablehlo.tanh
# CHECK-NOT: torch.

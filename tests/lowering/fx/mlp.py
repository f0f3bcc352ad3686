# The exported program as code: shapes, weights by their names, and the source of each part.
# REQUIRES: torch
# RUN: %irlens-capture %s --to fx --links | FileCheck %s
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.up = nn.Linear(4, 8)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.up(x)
        return self.activate(y)

    def activate(self, y: torch.Tensor) -> torch.Tensor:
        return y.relu()


# irlens: Net()(torch.randn(2, 4))

# CHECK:      class Net(torch.nn.Module):
# CHECK-NEXT:   def forward(self, x: "f32[2, 4]"):
# CHECK-NEXT:     # mlp.py:14  y = self.up(x)
# CHECK-NEXT:     p_up_weight: "f32[8, 4]" = self.get_parameter("up.weight")
# CHECK-NEXT:     p_up_bias: "f32[8]" = self.get_parameter("up.bias")
# CHECK-NEXT:     linear: "f32[2, 8]" = torch.ops.aten.linear.default(x, p_up_weight, p_up_bias)
# CHECK-EMPTY:
# CHECK-NEXT:     # mlp.py:15  return self.activate(y)
# CHECK-NEXT:     # mlp.py:18  return y.relu()
# CHECK-NEXT:     relu: "f32[2, 8]" = torch.ops.aten.relu.default(linear)
# CHECK-NEXT:     return (relu,)
# CHECK-NEXT: # 1 <- mlp.py:21:11
# CHECK:      # 6 <- linear.py:{{[0-9]+}}:{{[0-9]+}} <- mlp.py:14:13
# CHECK:      # 10 <- mlp.py:18:16 <- mlp.py:15:16

# A scripted model: inlined, each line with the call chain from the library to the user.
# REQUIRES: torch
# RUN: %irlens-capture %s --to torchscript --links | FileCheck %s
import torch
from torch import nn


def double(x: torch.Tensor) -> torch.Tensor:
    return x + x


class Inner(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return double(self.linear(x))


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = Inner()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.sum() > 0:
            return self.inner(x)
        return x


# irlens: Net()(torch.randn(2, 3))

# CHECK:      graph(%self : __torch__.Net,
# CHECK:      prim::If
# CHECK:      block0():
# CHECK:      aten::linear
# CHECK-NOT:  script.py
# CHECK-NEXT: aten::add
# CHECK:      block1():
# CHECK:      return
# CHECK-DAG:  # {{[0-9]+}} <- linear.py:{{[0-9]+}}:{{[0-9]+}} <- script.py:18:23 <- script.py:28:20
# CHECK-DAG:  # {{[0-9]+}} <- script.py:9:12 <- script.py:18:16 <- script.py:28:20
# CHECK-DAG:  # {{[0-9]+}} <- script.py:27:12

# What eager PyTorch computes, with the inputs and the weights that it computes it from.
# REQUIRES: torch, torch-mlir
# RUN: %irlens-capture %s --to reference | FileCheck %s
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.arange(20.0))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, int]:
        return x * self.weight, 3


__explore__(Net(), torch.full((20,), 0.5))

# CHECK: eager PyTorch, {{[0-9.e-]+}} ms
# CHECK: {{^argument 0 +f32\[20\] +0.5 0.5 0.5 0.5 0.5 0.5 0.5 0.5 \.\.\.$}}
# CHECK-NEXT: {{^result 0 \(mul\) +f32\[20\] +0 0.5 1 1.5 2 2.5 3 3.5 \.\.\.$}}
# CHECK-NEXT: {{^weight +f32\[20\] +0 1 2 3 4 5 6 7 \.\.\.$}}
# CHECK-NOT: result 1

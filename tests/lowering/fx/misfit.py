# A model and inputs that do not fit: both signatures, in the same words for all stages.
# REQUIRES: torch
# RUN: not %irlens-capture %s --to fx 2>&1 | FileCheck %s
# RUN: not %irlens-capture %s --to torchscript 2>&1 | FileCheck %s
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 2)

    def forward(self, x, *, scale=1):
        return self.linear(x) * scale


__explore__(Net(), torch.ones(1, 5))
# CHECK:      error: RuntimeError: {{(addmm: )?}}mat1 and mat2 shapes cannot be multiplied (1x5 and 4x2)
# CHECK-NEXT: misfit.py:[[#@LINE-2]]:1: note: Net.forward was given (x: f32[1, 5])

__explore__(Net(), torch.ones(1, 4), 2)
# CHECK-NEXT: misfit.py:[[#@LINE-1]]:1: error: Net.forward(x, *, scale=1) cannot take (f32[1, 4], int): too many pos
# CHECK-NEXT: misfit.py:14:0: note: Net.forward is defined here

__explore__(lambda x, y: x, torch.ones(1))
# CHECK-NEXT: misfit.py:[[#@LINE-1]]:1: error: the lambda(x, y) cannot take (f32[1]): missing a required argument: 'y'

# Each frame's graphs; where Dynamo gives up, the document and a warning on that line say why.
# REQUIRES: torch
# RUN: %irlens-capture %s --to dynamo --links > %t.out 2> %t.err
# RUN: FileCheck %s < %t.out
# RUN: FileCheck %s --check-prefix=WARN < %t.err
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.up = nn.Linear(4, 8)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.up(x)
        if y.sum() > 1e9:
            y = y * 2
        return self.activate(y)

    def activate(self, y: torch.Tensor) -> torch.Tensor:
        return y.relu()


__explore__(Net(), torch.ones(2, 4))

# CHECK:      # frame 0/0: Net.forward, breaks.py:15
# CHECK:          l_self_modules_up_parameters_weight_: "f32[8, 4]",  # self.up.weight
# CHECK:          l_x_: "f32[2, 4]",  # x
# CHECK:          # breaks.py:16  y = self.up(x)
# CHECK:          gt: "b8[]" = sum_1 > 1000000000.0
# CHECK-NEXT:     return (gt, y)
# CHECK-NEXT: # breaks.py:17  if y.sum() > 1e9:
# CHECK-NEXT: # graph break: Data-dependent branching
# CHECK:      # frame 1/0: Net.forward after line 17, breaks.py:17
# CHECK:          # breaks.py:19  return self.activate(y)
# CHECK-NEXT:     # breaks.py:22  return y.relu()
# CHECK-NEXT:     relu: "f32[2, 8]" = l_y_.relu()
# CHECK:      # 1 <- breaks.py:15:0
# CHECK:      <- breaks.py:22:16 <- breaks.py:19:16

# WARN: breaks.py:17:12: warning: graph break: Data-dependent branching. Detected data-dependent branching
# WARN: breaks.py:17:12: note: hint: Use `torch.cond` to express dynamic control flow.

# Forward and backward in one graph; inputs have the names of Dynamo's frame.
# REQUIRES: torch
# RUN: %irlens-capture %s --to aot-joint --entry Net --links | FileCheck %s
# RUN: %irlens-capture %s --to aot-joint --entry plain | FileCheck %s --check-prefix=PLAIN
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.up = nn.Linear(4, 8)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.up(x).relu()


def plain(x):
    return x.sin()


__explore__(Net(), torch.randn(2, 4))
__explore__(plain, torch.randn(3))

# CHECK:      # frame 0/0: Net.forward, joint.py:14
# CHECK-NEXT: class Joint(torch.nn.Module):
# CHECK:          primals_1: "f32[8, 4]",  # self.up.weight
# CHECK:          tangents_1: "f32[2, 8]",  # gradient of output[0]
# CHECK:          # joint.py:15  return self.up(x).relu()
# CHECK:          addmm: "f32[2, 8]" = torch.ops.aten.addmm.default(
# CHECK:          relu: "f32[2, 8]" = torch.ops.aten.relu.default(addmm)
# CHECK:          mm: "f32[8, 4]" = torch.ops.aten.mm.default(
# CHECK:          return [relu, {{.*}}, None]
# CHECK:      <- joint.py:15:16

# PLAIN:      # frame 0/0: plain, joint.py:18
# PLAIN-NEXT: # nothing requires a gradient: there is a forward graph only (aot-forward)

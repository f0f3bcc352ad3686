# The lazy graph with source lines and the names of weights and inputs, which it does not know itself.
# REQUIRES: torch
# RUN: %irlens-capture %s --to lazy --links | FileCheck %s
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.up = nn.Linear(4, 8)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.up(x)
        y += 1
        return self.activate(y).transpose(0, 1)

    def activate(self, y: torch.Tensor) -> torch.Tensor:
        return y.softmax(-1)


__explore__(Net(), torch.randn(2, 4))

# CHECK:      IR {
# CHECK-DAG:    %[[W:[0-9]+]] = [Float[8,4]] lazy_tensors::device_data()  # up.weight
# CHECK-DAG:    = [Float[2,4]] lazy_tensors::device_data()  # input 0
# CHECK-DAG:    = [Float[8]] lazy_tensors::device_data()  # up.bias
# CHECK:        = [Float[2,8]] aten::addmm(
# CHECK:        = [Float[2,8]] aten::add(
# CHECK:        = [Float[2,8]] aten::_softmax(
# CHECK:        = [Float[8,2]] aten::{{(transpose|t|permute)(_copy)?}}({{.*}}ROOT=0
# CHECK-NEXT: }
# CHECK:      <- linear.py:{{[0-9]+}}:{{[0-9]+}} <- graph.py:14:13
# CHECK:      <- graph.py:15:9
# CHECK:      <- graph.py:19:16 <- graph.py:16:16

"""Writes the TorchScript archive that the tests of the ts- stages read."""

import sys
import warnings

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3)
        self.norm = nn.BatchNorm2d(2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.tail(self.norm(self.conv(x)))

    def tail(self, x: torch.Tensor) -> torch.Tensor:
        return (x + x).relu() * (x + x)


warnings.simplefilter("ignore")
torch.jit.script(Net().eval()).save(sys.argv[1])

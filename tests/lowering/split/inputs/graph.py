"""Prints a TorchScript graph: with places, or without when an argument is given.

The model has no loop: PyTorch prints the places of nodes in blocks in either case.
"""

from __future__ import annotations

import sys

import torch


class Net(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = torch.nn.Linear(4, 4)

    def forward(self, x: torch.Tensor, name: str = " # a:1:2") -> torch.Tensor:
        print(name)
        return torch.relu(self.linear(x))


if __name__ == "__main__":
    print(torch.jit.script(Net().eval()).inlined_graph.str(len(sys.argv) == 1), end="")

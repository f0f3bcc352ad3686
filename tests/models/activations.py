"""Perceptrons, one per activation, and the gated ones of language models."""

import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812


class Perceptron(nn.Module):
    def __init__(self, activation: nn.Module) -> None:
        super().__init__()
        self.up = nn.Linear(8, 16)
        self.activation = activation
        self.down = nn.Linear(16, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.down(self.activation(self.up(x)))


class SwiGLU(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.gate = nn.Linear(8, 16, bias=False)
        self.up = nn.Linear(8, 16, bias=False)
        self.down = nn.Linear(16, 8, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.down(F.silu(self.gate(x)) * self.up(x))


class Maxout(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(8, 12)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.linear(x).view(-1, 4, 3).max(dim=-1).values


ACTIVATIONS = {
    "relu": nn.ReLU(),
    "relu6": nn.ReLU6(),
    "leaky_relu": nn.LeakyReLU(0.1),
    "prelu": nn.PReLU(),
    "prelu_channels": nn.PReLU(16),
    "rrelu": nn.RReLU(),
    "elu": nn.ELU(),
    "selu": nn.SELU(),
    "celu": nn.CELU(0.5),
    "gelu": nn.GELU(),
    "gelu_tanh": nn.GELU(approximate="tanh"),
    "silu": nn.SiLU(),
    "mish": nn.Mish(),
    "sigmoid": nn.Sigmoid(),
    "logsigmoid": nn.LogSigmoid(),
    "hardsigmoid": nn.Hardsigmoid(),
    "hardswish": nn.Hardswish(),
    "hardtanh": nn.Hardtanh(-2.0, 2.0),
    "tanh": nn.Tanh(),
    "tanhshrink": nn.Tanhshrink(),
    "softplus": nn.Softplus(),
    "softsign": nn.Softsign(),
    "softshrink": nn.Softshrink(),
    "hardshrink": nn.Hardshrink(),
    "threshold": nn.Threshold(0.1, 20.0),
    "softmax": nn.Softmax(dim=-1),
    "softmin": nn.Softmin(dim=-1),
    "log_softmax": nn.LogSoftmax(dim=-1),
}
for name, activation in ACTIVATIONS.items():
    __explore__(Perceptron(activation), torch.randn(2, 8), _name=name)

__explore__(nn.Sequential(nn.Linear(8, 8), nn.GLU()), torch.randn(2, 8), _name="glu")
__explore__(SwiGLU(), torch.randn(2, 3, 8), _name="swiglu")
__explore__(Maxout(), torch.randn(2, 8), _name="maxout")

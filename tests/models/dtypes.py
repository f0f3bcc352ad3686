"""The types of elements."""

import torch
from torch import nn


class Model(nn.Module):
    def __init__(self, dtype: torch.dtype) -> None:
        super().__init__()
        self.linear = nn.Linear(6, 8, dtype=dtype)
        self.norm = nn.LayerNorm(8, dtype=dtype)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.gelu(self.norm(self.linear(x))).softmax(dim=-1)


class Convolution(nn.Module):
    def __init__(self, dtype: torch.dtype) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 4, 3, dtype=dtype)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.conv(x)).mean(dim=(2, 3))


class Mixed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(6, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return self.linear(x)


def integers(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return (x + y) * 2 - x // 3 + x % 5


def bits(x: torch.Tensor) -> torch.Tensor:
    return (x & 12) | (x ^ 5) << 1 | (~x >> 2)


def conversions(x: torch.Tensor) -> torch.Tensor:
    return x.int().float() + (x > 0).float() + x.double().sum() + x.half().float() + x.to(torch.int8)


def quantize(x: torch.Tensor) -> torch.Tensor:
    levels = torch.clamp(torch.round(x / 0.1), -128, 127).to(torch.int8)
    return levels.float() * 0.1


def matmul_int8(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return x.int() @ y.int()


x = torch.randn(2, 6)
for name in ("float64", "float16", "bfloat16"):
    dtype = getattr(torch, name)
    __explore__(Model(dtype), x.to(dtype), _name=f"model_{name}")
    __explore__(Convolution(dtype), torch.randn(1, 2, 5, 5, dtype=dtype), _name=f"conv_{name}")
for name in ("int8", "int16", "int32", "int64", "uint8"):
    values = torch.arange(1, 7, dtype=getattr(torch, name))
    __explore__(integers, values, values.flip(0), _name=f"integers_{name}")
__explore__(bits, torch.arange(8), _name="bits")
__explore__(lambda a, b: (a & b) | ~a, x > 0, x > 1, _name="booleans")
__explore__(lambda x: (x > 0).sum() + (x > 0).sum(dim=1), x, _name="count")
__explore__(lambda x: x.sum() + x.max(), torch.arange(6), _name="integer_sum")
__explore__(conversions, x, _name="conversions")
__explore__(quantize, x, _name="quantize")
__explore__(matmul_int8, torch.ones(2, 3).to(torch.int8), torch.ones(3, 2).to(torch.int8), _name="matmul_int8")
__explore__(Mixed(), x, _name="autocast")

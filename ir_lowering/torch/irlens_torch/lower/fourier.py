"""Discrete Fourier transforms as products with matrices of cosines and sines: no compiler
below PyTorch has an operation for them.

Used by complex_pairs.py. All tensors are real; a pair of them is a complex one.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor


def complex_to_complex(
    re: Tensor, im: Tensor, dims: list[int], normalization: int, forward: bool
) -> tuple[Tensor, Tensor]:
    """One dimension after the other."""
    count = math.prod(re.shape[dim] for dim in dims)
    for dim in dims:
        size = re.shape[dim]
        cosine, sine = _waves(size, size, re)
        sine = -sine if forward else sine
        re, im = (
            _along(re, dim, cosine) - _along(im, dim, sine),
            _along(re, dim, sine) + _along(im, dim, cosine),
        )
    scale = _scale(normalization, count)
    return re * scale, im * scale


def real_to_complex(x: Tensor, dims: list[int], normalization: int, onesided: bool) -> tuple[Tensor, Tensor]:
    """The last of the dimensions first; of that, half of the result says all."""
    *others, last = dims
    size = x.shape[last]
    cosine, sine = _waves(size, size // 2 + 1 if onesided else size, x)
    re, im = _along(x, last, cosine), -_along(x, last, sine)
    re, im = complex_to_complex(re, im, others, 0, True)
    scale = _scale(normalization, math.prod(x.shape[dim] for dim in dims))
    return re * scale, im * scale


def complex_to_real(re: Tensor, im: Tensor, dims: list[int], normalization: int, last_size: int) -> Tensor:
    """The inverse; all but the ends of the last dimension stand for themselves and a mirror image."""
    *others, last = dims
    re, im = complex_to_complex(re, im, others, 0, False)
    half = last_size // 2 + 1
    re, im = (part.narrow(last, 0, half) for part in (re, im))
    cosine, sine = _waves(half, last_size, re, last_size)
    places = torch.arange(half, device=re.device)
    alone = (places == 0) | (places * 2 == last_size)
    weight = torch.where(alone, 1.0, 2.0).to(re.dtype).unsqueeze(1)
    result = _along(re, last, cosine * weight) - _along(im, last, sine * weight)
    count = last_size * math.prod(re.shape[dim] for dim in others)
    return result * _scale(normalization, count)


def _waves(rows: int, columns: int, like: Tensor, period: int | None = None) -> tuple[Tensor, Tensor]:
    """The cosine and the sine of row times column; whole turns are left out before rounding."""
    period = period or rows
    place = torch.arange(rows, device=like.device).unsqueeze(1) * torch.arange(columns, device=like.device)
    angle = torch.remainder(place, period).to(like.dtype) * (2 * math.pi / period)
    return torch.cos(angle), torch.sin(angle)


def _along(x: Tensor, dim: int, matrix: Tensor) -> Tensor:
    if x.dim() == 1:
        return torch.matmul(x.unsqueeze(0), matrix).reshape(-1)
    return torch.matmul(x.movedim(dim, -1), matrix).movedim(-1, dim)


def _scale(normalization: int, count: int) -> float:
    """PyTorch's modes: none, by the root of the count, by the count."""
    return (1.0, 1 / math.sqrt(count), 1 / count)[normalization]

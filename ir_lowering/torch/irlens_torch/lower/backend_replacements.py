"""Operators that some backends take and others refuse, in terms of what the others take.

Used by retry.py only, after a stage has refused something. Where torch-mlir gathers and
scatters these compare and select: more work for a machine, the same result.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from .replacements import Table

aten = torch.ops.aten


# More would make a text that nobody reads.
_MANY_ROWS = 64


def for_backend(backend: str) -> Table:
    """What to replace when a stage of this backend refuses an operator: `backend` of its row."""
    return _BACKENDS.get(backend, {})


def _single_precision(function: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Any]:
    """An approximation that is as good as single precision needs."""

    def replacement(x: Tensor) -> Any:
        if x.dtype == torch.float64 or x.is_complex():
            return NotImplemented
        return function(x.float()).to(x.dtype if x.is_floating_point() else torch.float32)

    return replacement


def _arctangent(x: Tensor) -> Tensor:
    """Cephes' atanf: a polynomial near 0, the rest by symmetry."""
    size = x.abs()
    outer, middle = size > 2.414213562373095, size > 0.4142135623730950
    one = torch.ones_like(size)
    near = torch.where(middle, (size - 1) / torch.where(outer, one, size + 1), size)
    inner = torch.where(outer, -1 / torch.where(outer, size, one), near)
    base = torch.where(outer, math.pi / 2 * one, torch.where(middle, math.pi / 4 * one, 0 * one))
    z = inner * inner
    series = ((8.05374449538e-2 * z - 1.38776856032e-1) * z + 1.99777106478e-1) * z - 3.33329491539e-1
    result = base + series * z * inner + inner
    return torch.where(x < 0, -result, result)


def _arcsine(x: Tensor) -> Tensor:
    return _arctangent(x / torch.sqrt((1 - x) * (1 + x)))


def _arccosine(x: Tensor) -> Tensor:
    return 2 * _arctangent(torch.sqrt((1 - x) / (1 + x)))


def _sinh(x: Tensor) -> Tensor:
    z = x * x
    series = x * (1 + z * (1 / 6 + z * (1 / 120 + z * (1 / 5040 + z / 362880))))
    return torch.where(x.abs() < 1, series, 0.5 * (torch.exp(x) - torch.exp(-x)))


def _cosh(x: Tensor) -> Tensor:
    return 0.5 * (torch.exp(x) + torch.exp(-x))


def _tan(x: Tensor) -> Tensor:
    return torch.sin(x) / torch.cos(x)


def _arsinh(x: Tensor) -> Tensor:
    size = x.abs()
    z = size * size
    series = size * (1 - z * (1 / 6 - z * (3 / 40 - z * 15 / 336)))
    result = torch.where(size < 0.1, series, torch.log(size + torch.sqrt(z + 1)))
    return torch.where(x < 0, -result, result)


def _arcosh(x: Tensor) -> Tensor:
    return torch.log(x + torch.sqrt((x - 1) * (x + 1)))


def _artanh(x: Tensor) -> Tensor:
    z = x * x
    series = x * (1 + z * (1 / 3 + z * (1 / 5 + z / 7)))
    return torch.where(x.abs() < 0.1, series, 0.5 * torch.log((1 + x) / (1 - x)))


def _arctangent_of_two(y: Tensor, x: Tensor) -> Any:
    """The angle of (x, y); a zero x would divide by zero."""
    if y.dtype == torch.float64:
        return NotImplemented
    y, x = torch.broadcast_tensors(y.float(), x.float())
    flat = x == 0
    angle = _arctangent(y / torch.where(flat, torch.ones_like(x), x))
    half = torch.full_like(x, math.pi)
    turned = torch.where(x < 0, torch.where(y < 0, angle - half, angle + half), angle)
    upright = torch.where(y > 0, half / 2, torch.where(y < 0, -half / 2, torch.zeros_like(y)))
    return torch.where(flat, upright, turned)


def _triangle(row: int, col: int, offset: int = 0, **options: Any) -> Any:
    """The places below a diagonal, row by row: the sizes are known, so each row is."""
    counts = [min(max(r + offset + 1, 0), col) for r in range(row)]
    if row > _MANY_ROWS or not any(counts):
        return NotImplemented
    rows = torch.cat([torch.full((count,), r, dtype=torch.int64) for r, count in enumerate(counts) if count])
    columns = torch.cat([torch.arange(count) for count in counts if count])
    return torch.stack([rows, columns])


def _isfinite(x: Tensor) -> Tensor:
    if not x.is_floating_point():
        return torch.ones_like(x, dtype=torch.bool)
    return x.abs() < float("inf")


def _cumprod(x: Tensor, dim: int, *, dtype: torch.dtype | None = None) -> Tensor:
    """Of each row of a triangle the product."""
    rows = x.to(dtype or x.dtype).movedim(dim, -1)
    places = torch.arange(rows.shape[-1], device=x.device)
    every = rows.unsqueeze(-2)
    return torch.where(places[None, :] <= places[:, None], every, torch.ones_like(every)).prod(-1).movedim(-1, dim)


def _hits(index: Tensor, size: int) -> Tensor:
    """Where along a new last dimension each index points to."""
    return index.unsqueeze(-1) == torch.arange(size, device=index.device)


def _scatter_with(x: Tensor, dim: int, index: Tensor, source: Tensor, reduce: str, include_self: bool = True) -> Any:
    """Combines with each element of x the ones that are sent there."""
    if x.dim() == 0 or any(
        a != b for d, (a, b) in enumerate(zip(x.shape, index.shape, strict=True)) if d != dim % x.dim()
    ):
        return NotImplemented
    for each, size in enumerate(index.shape):
        source = source.narrow(each, 0, size)
    size = x.shape[dim]
    hits = _hits(index.movedim(dim, -1), size)
    sent = source.movedim(dim, -1).unsqueeze(-1)
    own = x.movedim(dim, -1)
    count = hits.sum(-2)
    if reduce in ("sum", "mean"):
        total = torch.where(hits, sent, torch.zeros_like(sent)).sum(-2)
        result = total + own if include_self else torch.where(count > 0, total, own)
        if reduce == "mean":
            number = (count + int(include_self)).clamp(min=1).to(x.dtype)
            result = torch.where(count > 0, (total + own if include_self else total) / number, own)
    elif reduce == "prod":
        product = torch.where(hits, sent, torch.ones_like(sent)).prod(-2)
        result = product * own if include_self else torch.where(count > 0, product, own)
    else:
        kind = torch.finfo(x.dtype) if x.is_floating_point() else torch.iinfo(x.dtype)
        worst = (kind.min if reduce == "amax" else kind.max) if not x.is_floating_point() else float("inf")
        worst = -worst if x.is_floating_point() and reduce == "amax" else worst
        masked = torch.where(hits, sent, torch.full_like(sent, worst))
        best = masked.amax(-2) if reduce == "amax" else masked.amin(-2)
        both = torch.maximum(best, own) if reduce == "amax" else torch.minimum(best, own)
        result = torch.where(count > 0, both if include_self else best, own)
    return result.to(x.dtype).movedim(-1, dim)


def _scatter_add(x: Tensor, dim: int, index: Tensor, source: Tensor) -> Any:
    return _scatter_with(x, dim, index, source, "sum")


def _scatter_reduce(
    x: Tensor, dim: int, index: Tensor, source: Tensor, reduce: str, *, include_self: bool = True
) -> Any:
    return _scatter_with(x, dim, index, source, reduce, include_self)


def _index_put(x: Tensor, indices: list[Tensor | None], values: Tensor, accumulate: bool = False) -> Any:
    """Each element of x looks for the last value that is put there, or for the sum of all."""
    from .replacements import ALWAYS

    if any(index is not None and index.dtype == torch.bool for index in indices):
        return ALWAYS[aten.index_put.default](x, indices, values, accumulate)
    indexed = [dim for dim, index in enumerate(indices) if index is not None]
    others = [dim for dim in range(x.dim()) if dim not in indexed]
    adjacent = indexed == list(range(indexed[0], indexed[-1] + 1))
    chosen = torch.broadcast_tensors(*[index for index in indices if index is not None])
    shape = chosen[0].shape
    inner = [x.shape[dim] for dim in others]
    # Of the values the dimensions of the indices go first, as do those of x that are indexed.
    before = indexed[0] if adjacent else 0
    full = inner[:before] + list(shape) + inner[before:]
    moved = list(range(before, before + len(shape)))
    rest = [dim for dim in range(len(full)) if dim not in moved]
    sent = values.to(x.dtype).expand(full).permute(moved + rest).reshape(shape.numel(), -1)
    own = x.permute(indexed + others)
    table = own.reshape(math.prod(x.shape[dim] for dim in indexed), -1)
    linear = torch.zeros_like(chosen[0], dtype=torch.int64)
    for dim, index in zip(indexed, chosen, strict=True):
        linear = linear * x.shape[dim] + torch.where(index < 0, index + x.shape[dim], index)
    hits = _hits(linear.reshape(-1), table.shape[0])
    if accumulate:
        sums = torch.where(hits.unsqueeze(-1), sent.unsqueeze(1), torch.zeros_like(sent.unsqueeze(1))).sum(0)
        result = table + sums.to(x.dtype)
    else:
        order = torch.arange(hits.shape[0], device=x.device).unsqueeze(-1)
        last = torch.where(hits, order, torch.full_like(order, -1)).amax(0)
        rows = torch.index_select(sent, 0, last.clamp(min=0))
        result = torch.where((last >= 0).unsqueeze(-1), rows, table)
    back = [0] * x.dim()
    for place, dim in enumerate(indexed + others):
        back[dim] = place
    return result.reshape(own.shape).permute(back)


def _windows(x: Tensor, kernel: list[int], stride: list[int], dilation: list[int]) -> list[Tensor]:
    """For each place of a kernel the elements of x that it meets, over the last dimensions."""
    rank = len(kernel)
    counts = [
        (x.shape[d - rank] - dilation[d] * (kernel[d] - 1) - 1) // stride[d] + 1 for d in range(rank)
    ]  # fmt: skip
    found = [x]
    for d in range(rank):
        found = [
            aten.slice.Tensor(
                part, d - rank, k * dilation[d], k * dilation[d] + (counts[d] - 1) * stride[d] + 1, stride[d]
            )
            for part in found
            for k in range(kernel[d])
        ]
    return found


def _each(value: Any, rank: int, default: int) -> list[int]:
    values = [value] if isinstance(value, int) else list(value or [default])
    return values * rank if len(values) == 1 else values


def _max_pool2d_with_indices(
    x: Tensor, kernel_size: Any, stride: Any = (), padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False
) -> Any:
    """The largest of each window, and where in the image it stands."""
    kernel = _each(kernel_size, 2, 1)
    step, pad, wide = _each(stride or kernel, 2, 1), _each(padding, 2, 0), _each(dilation, 2, 1)
    if ceil_mode or not x.is_floating_point():
        return NotImplemented
    padded = aten.constant_pad_nd(x, [pad[1], pad[1], pad[0], pad[0]], float("-inf")) if any(pad) else x
    windows = torch.stack(_windows(padded, kernel, step, wide), dim=-1)
    which = windows.argmax(-1)
    rows = torch.arange(windows.shape[-3], device=x.device).unsqueeze(-1) * step[0] - pad[0]
    columns = torch.arange(windows.shape[-2], device=x.device) * step[1] - pad[1]
    row = torch.div(which, kernel[1], rounding_mode="floor")
    column = which - row * kernel[1]
    return windows.amax(-1), (rows + row * wide[0]) * x.shape[-1] + columns + column * wide[1]


def _avg_pool3d(
    x: Tensor, kernel_size: Any, stride: Any = (), padding: Any = 0, ceil_mode: bool = False,
    count_include_pad: bool = True, divisor_override: int | None = None,
) -> Any:  # fmt: skip
    kernel = _each(kernel_size, 3, 1)
    step, pad = _each(stride or kernel, 3, 1), _each(padding, 3, 0)
    if ceil_mode or (any(pad) and not count_include_pad):
        return NotImplemented
    if any(pad):
        x = aten.constant_pad_nd(x, [pad[2], pad[2], pad[1], pad[1], pad[0], pad[0]])
    first, *others = _windows(x, kernel, step, [1, 1, 1])
    for window in others:
        first = first + window
    return first / (divisor_override or math.prod(kernel))


def _upsample_nearest(x: Tensor, output_size: Any, scale_factors: Any = None) -> Any:
    """The nearest element for each place, one dimension after the other."""
    rank = x.dim() - 2
    for d in range(rank):
        before = x.shape[2 + d]
        scale = scale_factors[d] if scale_factors else output_size[d] / before
        after = int(before * scale) if scale_factors else output_size[d]
        if after % before == 0 and scale == after // before:
            wide = x.unsqueeze(3 + d)
            shape = [*x.shape[: 2 + d], after, *x.shape[3 + d :]]
            x = wide.expand(*wide.shape[: 3 + d], after // before, *wide.shape[4 + d :]).reshape(shape)
        else:
            places = torch.arange(after, device=x.device).float() * (1 / scale)
            x = torch.index_select(x, 2 + d, places.to(torch.int64).clamp(max=before - 1))
    return x


def _roll(x: Tensor, shifts: list[int], dims: list[int] | tuple[int, ...] = ()) -> Tensor:
    if not dims:
        return _roll(x.reshape(-1), shifts, [0]).reshape(x.shape)
    for shift, dim in zip(shifts, dims, strict=True):
        size = x.shape[dim]
        cut = size - shift % size if size else 0
        if 0 < cut < size:
            x = torch.cat([x.narrow(dim, cut, size - cut), x.narrow(dim, 0, cut)], dim)
    return x


def _diagonal(x: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    moved = x.movedim((dim1, dim2), (-2, -1))
    rows, columns = moved.shape[-2:]
    length = max(0, min(rows, columns - offset) if offset >= 0 else min(rows + offset, columns))
    first = offset if offset >= 0 else -offset * columns
    places = torch.arange(length, device=x.device) * (columns + 1) + first
    return torch.index_select(moved.reshape(*moved.shape[:-2], rows * columns), -1, places)


def _unfold(x: Tensor, dimension: int, size: int, step: int) -> Tensor:
    count = (x.shape[dimension] - size) // step + 1
    parts = [aten.slice.Tensor(x, dimension, k, k + (count - 1) * step + 1, step) for k in range(size)]
    return torch.stack(parts, dim=-1)


def _convolution(
    x: Tensor, weight: Tensor, bias: Tensor | None, stride: list[int], padding: list[int], dilation: list[int],
    transposed: bool, output_padding: list[int], groups: int,
) -> Any:  # fmt: skip
    """Transposed ones group by group; in double precision as products of matrices."""
    if transposed and groups > 1:
        inputs, weights = x.chunk(groups, 1), weight.chunk(groups, 0)
        biases = bias.chunk(groups, 0) if bias is not None else [None] * groups
        options = (stride, padding, dilation, True, output_padding, 1)
        parts = [aten.convolution(*part, *options) for part in zip(inputs, weights, biases, strict=True)]
        return torch.cat(parts, dim=1)
    if transposed or groups > 1 or x.dtype != torch.float64:
        return NotImplemented
    rank = x.dim() - 2
    pad, step, wide = _each(padding, rank, 0), _each(stride, rank, 1), _each(dilation, rank, 1)
    x = aten.constant_pad_nd(x, [size for each in reversed(pad) for size in (each, each)])
    windows = torch.stack(_windows(x, list(weight.shape[2:]), step, wide), dim=2)
    rows = windows.flatten(3).flatten(1, 2).transpose(1, 2)
    result = torch.matmul(rows, weight.flatten(1).t()).transpose(1, 2)
    result = result.reshape(x.shape[0], weight.shape[0], *windows.shape[3:])
    return result if bias is None else result + bias.reshape(-1, *[1] * rank)


_TRIGONOMETRY: Table = {
    aten.atan.default: _single_precision(_arctangent),
    aten.atan2.default: _arctangent_of_two,
    aten.asin.default: _single_precision(_arcsine),
    aten.acos.default: _single_precision(_arccosine),
    aten.sinh.default: _single_precision(_sinh),
    aten.cosh.default: _single_precision(_cosh),
    aten.tan.default: _single_precision(_tan),
    aten.asinh.default: _single_precision(_arsinh),
    aten.acosh.default: _single_precision(_arcosh),
    aten.atanh.default: _single_precision(_artanh),
}
_SCATTERING: Table = {
    aten.scatter_add.default: _scatter_add,
    aten.scatter_reduce.two: _scatter_reduce,
    aten.index_put.default: _index_put,
}
_SHAPES: Table = {
    aten.upsample_nearest1d.vec: _upsample_nearest,
    aten.upsample_nearest2d.vec: _upsample_nearest,
    aten.upsample_nearest3d.vec: _upsample_nearest,
    aten.roll.default: _roll,
    aten.diagonal.default: _diagonal,
    aten.unfold.default: _unfold,
}
_BACKENDS: dict[str, Table] = {
    "linalg": {aten.isfinite.default: _isfinite},
    "tosa": {
        **_TRIGONOMETRY,
        **_SCATTERING,
        **_SHAPES,
        aten.isfinite.default: _isfinite,
        aten.tril_indices.default: _triangle,
        aten.cumprod.default: _cumprod,
        aten.max_pool2d_with_indices.default: _max_pool2d_with_indices,
        aten.avg_pool3d.default: _avg_pool3d,
        aten.convolution.default: _convolution,
    },
    "stablehlo": {
        **_SHAPES,
        aten.scatter_reduce.two: _scatter_reduce,
        aten.cumprod.default: _cumprod,
    },
}

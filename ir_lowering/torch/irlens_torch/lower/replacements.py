"""Operators that torch-mlir does not take, in terms of those that it does.

Each function computes what the operator computes, traced in its place with the same source
line. `ALWAYS` holds what no stage takes and is part of every import; retry.py uses
`for_backend` when a stage has refused an operator, so that the ordinary path pays nothing.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.fx.experimental.symbolic_shapes import free_unbacked_symbols

Table = Mapping[Any, Callable[..., Any]]

aten = torch.ops.aten


def _fmod(x: Tensor, y: Any) -> Tensor:
    return x - torch.trunc(x / y) * y if x.is_floating_point() else x - torch.div(x, y, rounding_mode="trunc") * y


def _hypot(x: Tensor, y: Tensor) -> Tensor:
    """By the larger of both, so that no square overflows."""
    x, y = x.abs(), y.abs()
    large, small = torch.maximum(x, y), torch.minimum(x, y)
    ratio = small / torch.where((large == 0) | torch.isinf(large), torch.ones_like(large), large)
    return torch.where(torch.isinf(large), large, large * torch.sqrt(1 + ratio * ratio))


# Lanczos' series for g = 7 with nine terms: exact to 15 digits in double precision.
_LANCZOS = (
    676.5203681218851,
    -1259.1392167224028,
    771.32342877765313,
    -176.61502916214059,
    12.507343278686905,
    -0.13857109526572012,
    9.9843695780195716e-6,
    1.5056327351493116e-7,
)


def _lgamma(x: Tensor) -> Tensor:
    wide = x.double()
    reflected = wide < 0.5
    y = torch.where(reflected, 1 - wide, wide) - 1
    series = torch.full_like(y, 0.99999999999980993)
    for number, factor in enumerate(_LANCZOS, start=1):
        series = series + factor / (y + number)
    t = y + 7.5
    result = 0.91893853320467274 + (y + 0.5) * torch.log(t) - t + torch.log(series)
    sine = torch.sin(torch.pi * (wide - torch.floor(wide)))
    return torch.where(reflected, 1.1447298858494002 - torch.log(sine) - result, result).to(x.dtype)


def _cumulative_extreme(x: Tensor, dim: int, largest: bool) -> tuple[Tensor, Tensor]:
    """Of each row of a triangle the extreme, and the last place where it stands."""
    if x.dim() == 0:
        return x.clone(), torch.zeros_like(x, dtype=torch.int64)
    rows = x.movedim(dim, -1)
    length = rows.shape[-1]
    places = torch.arange(length, device=x.device)
    seen = places[None, :] <= places[:, None]
    every = rows.unsqueeze(-2)
    if x.is_floating_point():
        limit: float = float("-inf") if largest else float("inf")
    else:
        limit = torch.iinfo(x.dtype).min if largest else torch.iinfo(x.dtype).max
    masked = torch.where(seen, every, torch.full_like(every, limit))
    values = masked.amax(-1) if largest else masked.amin(-1)
    hit = seen & ((every == values.unsqueeze(-1)) | (every != every))
    indices = torch.where(hit, places, torch.full_like(places, -1)).amax(-1)
    return values.movedim(-1, dim), indices.movedim(-1, dim)


def _cdist(x: Tensor, y: Tensor, p: float, compute_mode: int | None = None) -> Tensor:
    difference = (x.unsqueeze(-2) - y.unsqueeze(-3)).abs()
    if p == 0:
        return (difference != 0).to(x.dtype).sum(-1)
    if p == 1:
        return difference.sum(-1)
    if p == float("inf"):
        return difference.amax(-1)
    if p == 2:
        return (difference * difference).sum(-1).sqrt()
    return difference.pow(p).sum(-1).pow(1 / p)


def _kthvalue(x: Tensor, k: int, dim: int = -1, keepdim: bool = False) -> tuple[Tensor, Tensor]:
    values, indices = torch.sort(x, dim=dim)
    picked = values.narrow(dim, k - 1, 1), indices.narrow(dim, k - 1, 1)
    return picked if keepdim else (picked[0].squeeze(dim), picked[1].squeeze(dim))


def _median_along(x: Tensor, dim: int, keepdim: bool = False) -> tuple[Tensor, Tensor]:
    return _kthvalue(x, (x.shape[dim] - 1) // 2 + 1, dim, keepdim)


def _median(x: Tensor) -> Tensor:
    return _kthvalue(x.reshape(-1), (x.numel() - 1) // 2 + 1, 0)[0]


def _searchsorted(
    sequence: Tensor, values: Any, *, out_int32: bool = False, right: bool = False, side: str | None = None,
    sorter: Tensor | None = None,
) -> Any:  # fmt: skip
    """How many elements stand before each value."""
    if sorter is not None:
        return NotImplemented
    if not isinstance(values, Tensor):
        values = torch.full((), values, dtype=sequence.dtype, device=sequence.device)
    after = right or side == "right"
    ours = sequence if sequence.dim() == 1 else sequence.unsqueeze(-2)
    theirs = values.unsqueeze(-1)
    before = ours <= theirs if after else ours < theirs
    return before.sum(-1, dtype=torch.int32 if out_int32 else torch.int64)


def _with_tensor(operator: Any) -> Callable[[Tensor, Any], Tensor]:
    """An operator on a tensor and a number as one on two tensors."""

    def replacement(x: Tensor, number: Any) -> Tensor:
        return operator(x, torch.full((), number, dtype=x.dtype, device=x.device))

    return replacement


# Elimination is written out step by step.
_LARGEST_MATRIX = 16

_NARROW = (torch.int8, torch.uint8, torch.int16)


def _wider(operator: Any) -> Callable[..., Any]:
    """Arithmetic of narrow integers with a number, in 32 bits: torch-mlir crashes on it.

    What is cut off afterwards is what would have overflown.
    """

    def replacement(x: Tensor, number: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(x, Tensor) or x.dtype not in _NARROW or not isinstance(number, int):
            return NotImplemented
        return operator(x.to(torch.int32), number, *args, **kwargs).to(x.dtype)

    return replacement


def _integer_power(x: Tensor, exponent: Any) -> Any:
    if x.is_floating_point() or x.is_complex() or not isinstance(exponent, int) or exponent < 0:
        return NotImplemented
    result, square = torch.ones_like(x), x
    while exponent:
        if exponent & 1:
            result = result * square
        exponent >>= 1
        square = square * square if exponent else square
    return result


def _segments(indices: Tensor, offsets: Tensor, include_last: bool) -> Tensor:
    """Which index belongs to which bag."""
    starts = offsets[:-1] if include_last else offsets
    length = torch.full_like(offsets[:1], indices.shape[0])
    ends = offsets[1:] if include_last else torch.cat([offsets[1:], length])
    places = torch.arange(indices.shape[0], device=indices.device)
    return (places >= starts.unsqueeze(1)) & (places < ends.unsqueeze(1))


def _embedding_bag(
    weight: Tensor, indices: Tensor, offsets: Tensor, scale_grad_by_freq: bool = False, mode: int = 0,
    sparse: bool = False, per_sample_weights: Tensor | None = None, include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:  # fmt: skip
    """Sums (0), means (1) or maxima (2) of the rows that belong to each bag."""
    member = _segments(indices, offsets, include_last_offset)
    if padding_idx is not None and padding_idx >= 0:
        member = member & (indices != padding_idx)
    rows = torch.nn.functional.embedding(indices, weight)
    if per_sample_weights is not None:
        rows = rows * per_sample_weights.unsqueeze(1)
    chosen = member.unsqueeze(-1)
    count = member.sum(1)
    if mode == 2:
        lowest = torch.full((), float("-inf"), dtype=rows.dtype, device=rows.device)
        result = torch.where(chosen, rows, lowest).amax(1)
        result = torch.where((count > 0).unsqueeze(1), result, torch.zeros_like(result))
    else:
        result = torch.where(chosen, rows, torch.zeros_like(rows)).sum(1)
        if mode == 1:
            result = result / count.clamp(min=1).unsqueeze(1).to(result.dtype)
    return result, torch.zeros_like(indices), count, torch.zeros_like(offsets)


def _multinomial(p: Tensor, number: int, replacement: bool = False, *, generator: Any = None) -> Tensor:
    """Races of exponential clocks: the first to ring are the ones drawn."""
    shape = (*p.shape[:-1], number, p.shape[-1]) if replacement else p.shape
    clocks = -torch.log(1 - torch.rand(shape, dtype=torch.float32, device=p.device))
    if replacement:
        return torch.argmax(p.unsqueeze(-2) / clocks, dim=-1)
    return torch.topk(p / clocks, number, dim=-1)[1]


def _is_mask(index: Any) -> bool:
    return isinstance(index, Tensor) and index.dtype == torch.bool


def _index(x: Tensor, indices: list[Tensor | None]) -> Any:
    """x[mask], x[:, mask], x[i, mask] and the like: a mask stands for the places where it is true.

    Index tensors whose number only the data tells count as masks: they come from one.
    """
    if not any(index is not None and (_is_mask(index) or _is_unbacked(index)) for index in indices):
        return NotImplemented
    flat: list[Tensor | None] = []
    for index in indices:
        flat += torch.nonzero(index).unbind(1) if index is not None and _is_mask(index) else [index]
    dims = [dim for dim, index in enumerate(flat) if index is not None]
    if dims != list(range(dims[0], dims[-1] + 1)):
        return NotImplemented
    outer, sizes, inner = x.shape[: dims[0]], x.shape[dims[0] : dims[-1] + 1], x.shape[dims[-1] + 1 :]
    places: Any = 0
    for index, size in zip(flat[dims[0] :], sizes, strict=False):
        assert index is not None
        places = places * size + torch.where(index < 0, index + size, index)
    chosen = torch.index_select(x.reshape(*outer, -1, *inner), dims[0], places.reshape(-1))
    return chosen if places.dim() == 1 else chosen.reshape(*outer, *places.shape, *inner)


def _is_unbacked(index: Tensor) -> bool:
    return any(isinstance(size, torch.SymInt) and free_unbacked_symbols(size) for size in index.shape)


def _inverse(x: Tensor, check_errors: bool = False) -> Any:
    """Gauss and Jordan's elimination, each step with the largest pivot."""
    size = x.shape[-1]
    if not isinstance(size, int) or size > _LARGEST_MATRIX:
        return NotImplemented
    both = torch.cat([x, torch.eye(size, dtype=x.dtype, device=x.device).expand_as(x)], dim=-1)
    rows = torch.arange(size, device=x.device)
    for step in range(size):
        largest = both[..., step:, step].abs().argmax(-1, keepdim=True) + step
        swapped = torch.where(rows == step, largest, torch.where(rows == largest, torch.full_like(rows, step), rows))
        both = torch.gather(both, -2, swapped.unsqueeze(-1).expand(both.shape))
        pivot = both[..., step : step + 1, :] / both[..., step : step + 1, step : step + 1]
        mine = (rows == step).unsqueeze(-1)
        both = torch.where(mine, pivot, both - both[..., step : step + 1] * pivot)
    return both[..., size:], torch.zeros(x.shape[:-2], dtype=torch.int32, device=x.device)


def _spans(size: int, count: int) -> list[tuple[int, int]]:
    """The part of a dimension that each result of an adaptive pooling sees."""
    return [(i * size // count, -(-(i + 1) * size // count)) for i in range(count)]


def _adaptive_max_pool2d(x: Tensor, output_size: list[int]) -> Any:
    """Window by window, if they are not all of one size: those torch-mlir gets right."""
    height, width = x.shape[-2:]
    if all(size % count == 0 for size, count in zip((height, width), output_size, strict=True)):
        return NotImplemented
    values, places = [], []
    for top, bottom in _spans(height, output_size[0]):
        for left, right in _spans(width, output_size[1]):
            window = x[..., top:bottom, left:right].flatten(-2)
            which = window.argmax(-1)
            row = torch.div(which, right - left, rounding_mode="floor")
            values.append(window.amax(-1))
            places.append((row + top) * width + which - row * (right - left) + left)
    shape = [*x.shape[:-2], *output_size]
    return torch.stack(values, -1).reshape(shape), torch.stack(places, -1).reshape(shape)


def _adaptive_avg_pool3d(x: Tensor, output_size: list[int]) -> Tensor:
    """A mean of means, one dimension after the other."""
    for dim, count in zip((-3, -2, -1), output_size, strict=True):
        parts = [
            x.narrow(dim, start, end - start).mean(dim, keepdim=True) for start, end in _spans(x.shape[dim], count)
        ]
        x = torch.cat(parts, dim)
    return x


def _signbit(x: Tensor) -> Tensor:
    return (x < 0) | ((x == 0) & (1 / x < 0)) if x.is_floating_point() else x < 0


def _copysign(x: Tensor, sign: Tensor) -> Tensor:
    return torch.where(_signbit(sign), -x.abs(), x.abs())


def _unique(
    x: Tensor, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False
) -> tuple[Tensor, Tensor, Tensor]:
    """In order, each is new that differs from the one before it."""
    values, order = torch.sort(x.reshape(-1), stable=True)
    first = torch.ones_like(values[:1], dtype=torch.bool)
    new = torch.cat([first, values[1:] != values[:-1]])
    places = torch.nonzero(new).squeeze(1)
    ranks = torch.cumsum(new.to(torch.int64), 0) - 1
    inverse = torch.zeros_like(order).scatter(0, order, ranks).reshape(x.shape)
    length = torch.full_like(places[:1], values.shape[0])
    counts = torch.cat([places[1:], length]) - places
    return torch.index_select(values, 0, places), inverse, counts


def _masked_select(x: Tensor, mask: Tensor) -> Tensor:
    x, mask = torch.broadcast_tensors(x, mask)
    return torch.index_select(x.reshape(-1), 0, torch.nonzero(mask.reshape(-1)).squeeze(1))


def _index_put(x: Tensor, indices: list[Tensor | None], values: Tensor, accumulate: bool = False) -> Any:
    """x[mask] = values: one value for all, or one after the other."""
    if len(indices) != 1 or not _is_mask(indices[0]):
        return NotImplemented
    mask = indices[0]
    assert mask is not None
    inner = x.dim() - mask.dim()
    wide = mask.reshape(*mask.shape, *[1] * inner)
    values = values.to(x.dtype)
    if values.dim() > inner and values.shape[-inner - 1] != 1:
        order = torch.cumsum(mask.reshape(-1).to(torch.int64), 0) - 1
        rows = values.expand(-1, *x.shape[mask.dim() :])
        values = torch.index_select(rows, 0, order.clamp(min=0)).reshape(x.shape)
    elif values.dim() > inner:
        values = values.squeeze(-inner - 1)
    return torch.where(wide, x + values if accumulate else values, x)


ALWAYS: Table = {
    aten.fmod.Scalar: _fmod,
    aten.hypot.default: _hypot,
    aten.lgamma.default: _lgamma,
    aten.cummax.default: functools.partial(_cumulative_extreme, largest=True),
    aten.cummin.default: functools.partial(_cumulative_extreme, largest=False),
    aten._cdist_forward.default: _cdist,
    aten.kthvalue.default: _kthvalue,
    aten.median.dim: _median_along,
    aten.median.default: _median,
    aten.searchsorted.Tensor: _searchsorted,
    aten.searchsorted.Scalar: _searchsorted,
    aten.bitwise_and.Scalar: _with_tensor(aten.bitwise_and.Tensor),
    aten.bitwise_or.Scalar: _with_tensor(aten.bitwise_or.Tensor),
    aten.bitwise_xor.Scalar: _with_tensor(aten.bitwise_xor.Tensor),
    aten.bitwise_left_shift.Tensor_Scalar: _with_tensor(aten.bitwise_left_shift.Tensor),
    aten.bitwise_right_shift.Tensor_Scalar: _with_tensor(aten.bitwise_right_shift.Tensor),
    aten.__lshift__.Scalar: _with_tensor(aten.bitwise_left_shift.Tensor),
    aten.__rshift__.Scalar: _with_tensor(aten.bitwise_right_shift.Tensor),
    **{
        operator: _wider(operator)
        for operator in (
            aten.add.Tensor,
            aten.add.Scalar,
            aten.sub.Tensor,
            aten.sub.Scalar,
            aten.rsub.Scalar,
            aten.mul.Tensor,
            aten.mul.Scalar,
            aten.div.Tensor_mode,
            aten.div.Scalar_mode,
            aten.remainder.Scalar,
            aten.remainder.Tensor,
            aten.floor_divide.default,
        )
    },
    aten.pow.Tensor_Scalar: _integer_power,
    aten._embedding_bag.default: _embedding_bag,
    aten._embedding_bag_forward_only.default: _embedding_bag,
    aten.embedding_bag.padding_idx: _embedding_bag,
    aten.multinomial.default: _multinomial,
    aten.adaptive_max_pool2d.default: _adaptive_max_pool2d,
    aten._adaptive_avg_pool3d.default: _adaptive_avg_pool3d,
    aten.erfc.default: lambda x: 1 - torch.erf(x),
    aten.signbit.default: _signbit,
    aten.copysign.Tensor: _copysign,
    aten.empty_strided.default: lambda size, stride, **options: aten.empty.memory_format(size, **options),
    aten.linalg_inv.default: lambda x: aten.linalg_inv_ex.default(x)[0],
    aten.linalg_inv_ex.default: _inverse,
    aten.index.Tensor: _index,
    # The loops in tm_tensor.py, and torch-mlir's own, keep the order of equal elements.
    aten.sort.stable: lambda x, stable=None, dim=-1, descending=False: aten.sort.default(x, dim, descending),
    aten._unique2.default: _unique,
    aten.masked_select.default: _masked_select,
    aten.index_put.default: _index_put,
}

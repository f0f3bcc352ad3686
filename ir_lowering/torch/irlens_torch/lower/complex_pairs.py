"""Complex tensors as pairs of real ones, operator by operator: only linalg knows complex
numbers, and not all of their operators.

Used by rewriter.py. Raises NotImplementedError for an operator that has no rule.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils import _pytree as pytree

from .fourier import complex_to_complex, complex_to_real, real_to_complex

aten = torch.ops.aten


@dataclass(frozen=True)
class Pair:
    """The real and the imaginary part."""

    re: Tensor
    im: Tensor

    def together(self) -> Tensor:
        """As `view_as_real` shows it."""
        return torch.stack([self.re, self.im], dim=-1)


def pairs_of(values: Any) -> list[Pair]:
    """The pairs in nested arguments."""
    return [leaf for leaf in pytree.tree_leaves(values) if isinstance(leaf, Pair)]


def rewrite_complex(target: Any, args: Any, kwargs: Any) -> Any:
    """What an operator with complex operands or results gives."""
    rule = _RULES.get(target)
    if rule is not None:
        return rule(*args, **kwargs)
    if getattr(target, "_schema", None) is None and not callable(target):
        raise NotImplementedError(str(target))
    name = target._schema.name.partition("::")[2] if hasattr(target, "_schema") else getattr(target, "__name__", "")
    if name in _BOTH_PARTS and pairs_of((args, kwargs)):
        return _on_both(target, args, kwargs)
    raise NotImplementedError(f"{target} of complex numbers")


# What moves or adds elements does the same to each part.
_BOTH_PARTS = set(
    "view reshape _unsafe_view permute transpose t expand unsqueeze squeeze slice select cat stack clone alias "
    "index index_select gather roll flip repeat contiguous detach lift_fresh_copy constant_pad_nd split "
    "split_with_sizes narrow unbind unfold neg sum mean diagonal tril triu cumsum getitem as_strided movedim "
    "select_scatter slice_scatter masked_fill".split()
)


def _on_both(target: Any, args: Any, kwargs: Any) -> Any:
    def part(name: str) -> Any:
        chosen = pytree.tree_map(
            lambda leaf: getattr(leaf, name) if isinstance(leaf, Pair) else leaf,
            (args, kwargs),
            is_leaf=lambda leaf: isinstance(leaf, Pair),
        )
        return target(*chosen[0], **chosen[1])

    re, im = part("re"), part("im")
    if isinstance(re, (list, tuple)):
        return [each if isinstance(each, Pair) else Pair(each, other) for each, other in zip(re, im, strict=True)]
    return re if isinstance(re, Pair) else Pair(re, im)


def _pair(value: Any) -> Pair:
    """A number or a tensor of either kind as a pair."""
    if isinstance(value, Pair):
        return value
    if isinstance(value, complex):
        return Pair(torch.full((), value.real), torch.full((), value.imag))
    tensor = value if isinstance(value, Tensor) else torch.full((), float(value))
    return Pair(tensor, torch.zeros_like(tensor))


def _is_real(value: Any) -> bool:
    return not isinstance(value, (Pair, complex))


def _add(x: Any, y: Any, *, alpha: Any = 1) -> Pair:
    x, y = _pair(x), _pair(y)
    return Pair(*torch.broadcast_tensors(x.re + alpha * y.re, x.im + alpha * y.im))


def _subtract(x: Any, y: Any, *, alpha: Any = 1) -> Pair:
    return _add(x, y, alpha=-alpha)


def _product(operator: Any) -> Callable[[Any, Any], Pair]:
    """A product of any kind: of elements, of matrices."""

    def rule(x: Any, y: Any) -> Pair:
        if _is_real(y):
            return Pair(operator(x.re, y), operator(x.im, y))
        if _is_real(x):
            y = _pair(y)
            return Pair(operator(x, y.re), operator(x, y.im))
        y = _pair(y)
        return Pair(operator(x.re, y.re) - operator(x.im, y.im), operator(x.re, y.im) + operator(x.im, y.re))

    return rule


_multiply = _product(lambda x, y: x * y)


def _divide(x: Any, y: Any) -> Pair:
    if _is_real(y):
        return Pair(x.re / y, x.im / y)
    x, y = _pair(x), _pair(y)
    size = y.re * y.re + y.im * y.im
    return Pair((x.re * y.re + x.im * y.im) / size, (x.im * y.re - x.re * y.im) / size)


def _exponential(x: Pair) -> Pair:
    size = torch.exp(x.re)
    return Pair(size * torch.cos(x.im), size * torch.sin(x.im))


def _convert(x: Any, dtype: torch.dtype | None = None, **_: Any) -> Any:
    if dtype is None:
        return x
    if not dtype.is_complex:
        return x.re.to(dtype)
    real = {torch.complex64: torch.float32, torch.complex128: torch.float64}.get(dtype, torch.float16)
    x = _pair(x)
    return Pair(x.re.to(real), x.im.to(real))


def _copysign_free_power(x: Pair, exponent: Any) -> Pair:
    if not isinstance(exponent, int) or not 0 < exponent <= 16:
        raise NotImplementedError("a power of complex numbers")
    result = x
    for _ in range(exponent - 1):
        result = _multiply(result, x)
    return result


def _where(condition: Tensor, x: Any, y: Any) -> Pair:
    x, y = _pair(x), _pair(y)
    return Pair(torch.where(condition, x.re, y.re), torch.where(condition, x.im, y.im))


def _c2c(x: Any, dim: list[int], normalization: int, forward: bool) -> Pair:
    return Pair(*complex_to_complex(*_parts(x), dim, normalization, forward))


def _r2c(x: Tensor, dim: list[int], normalization: int, onesided: bool) -> Pair:
    return Pair(*real_to_complex(x, dim, normalization, onesided))


def _c2r(x: Any, dim: list[int], normalization: int, last_dim_size: int) -> Tensor:
    return complex_to_real(*_parts(x), dim, normalization, last_dim_size)


def _parts(x: Any) -> tuple[Tensor, Tensor]:
    pair = _pair(x)
    return pair.re, pair.im


_RULES: dict[Any, Callable[..., Any]] = {
    aten.add.Tensor: _add,
    aten.add.Scalar: _add,
    aten.sub.Tensor: _subtract,
    aten.sub.Scalar: _subtract,
    aten.mul.Tensor: _multiply,
    aten.mul.Scalar: _multiply,
    aten.div.Tensor: _divide,
    aten.div.Scalar: _divide,
    aten.reciprocal.default: lambda x: _divide(1.0, x),
    aten.mm.default: _product(aten.mm.default),
    aten.bmm.default: _product(aten.bmm.default),
    aten.mv.default: _product(aten.mv.default),
    aten.matmul.default: _product(aten.matmul.default),
    aten.abs.default: lambda x: torch.sqrt(x.re * x.re + x.im * x.im),
    aten.angle.default: lambda x: torch.atan2(x.im, x.re),
    aten.real.default: lambda x: x.re,
    aten.imag.default: lambda x: x.im,
    aten.view_as_real.default: lambda x: x.together(),
    aten.view_as_real_copy.default: lambda x: x.together(),
    aten.view_as_complex.default: lambda x: Pair(x.select(-1, 0), x.select(-1, 1)),
    aten.view_as_complex_copy.default: lambda x: Pair(x.select(-1, 0), x.select(-1, 1)),
    aten.complex.default: lambda re, im: Pair(*torch.broadcast_tensors(re, im)),
    aten.polar.default: lambda size, angle: Pair(size * torch.cos(angle), size * torch.sin(angle)),
    aten._conj.default: lambda x: Pair(x.re, -x.im),
    aten.conj.default: lambda x: Pair(x.re, -x.im),
    aten._conj_copy.default: lambda x: Pair(x.re, -x.im),
    aten._conj_physical.default: lambda x: Pair(x.re, -x.im),
    aten.conj_physical.default: lambda x: Pair(x.re, -x.im),
    aten.resolve_conj.default: lambda x: x,
    aten.resolve_neg.default: lambda x: x,
    aten._neg_view.default: lambda x: Pair(-x.re, -x.im),
    aten.exp.default: _exponential,
    aten.pow.Tensor_Scalar: _copysign_free_power,
    aten.where.self: _where,
    aten.eq.Tensor: lambda x, y: (_pair(x).re == _pair(y).re) & (_pair(x).im == _pair(y).im),
    aten._to_copy.default: _convert,
    aten.to.dtype: lambda x, dtype, *rest: _convert(x, dtype),
    aten._fft_c2c.default: _c2c,
    aten._fft_r2c.default: _r2c,
    aten._fft_c2r.default: _c2r,
}

"""What stands in for an operator computes what the operator computes: each program is
decomposed as a stage would have it, and run beside the original."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest
import torch
from irlens_torch.capture.export import Call, export_entry
from irlens_torch.lower.backend_replacements import for_backend
from irlens_torch.lower.decompositions import decompose
from irlens_torch.lower.replacements import ALWAYS
from irlens_torch.lower.retry import _rewritten
from torch.nn import functional as F  # noqa: N812
from torch.utils import _pytree as pytree

X = torch.tensor([[0.5, -1.5, 2.0, 0.0], [3.0, -0.25, 1e-5, -4.0], [1.0, 1.0, -2.0, 0.75]])
UNIT = torch.tensor([-1.0, -0.9, -0.1, -1e-5, 0.0, 1e-5, 0.3, 0.8, 1.0])
WIDE = torch.tensor([-50.0, -3.0, -1.0, -0.4, -1e-5, 0.0, 1e-5, 0.5, 1.0, 2.5, 60.0])
ROWS = torch.tensor([2, 0, 2])
PLACES = torch.tensor([[0, 1, 2, 2], [1, 1, 0, 2], [2, 2, 2, 2]])
IMAGE = torch.arange(2 * 3 * 7 * 6.0).reshape(2, 3, 7, 6).sin()
Z = torch.complex(X, X.flip(0) + 0.5)
BYTES = torch.arange(-4, 8, dtype=torch.int8)

Program = Callable[..., Any]
Case = tuple[Any, ...]  # a program, then its inputs


def assign(mask_of: Program, value: Any) -> Program:
    def program(x: torch.Tensor) -> torch.Tensor:
        y = x.clone()
        y[mask_of(y)] = value
        return y

    return program


def bag(mode: str) -> Program:
    return functools.partial(F.embedding_bag, mode=mode)


ALWAYS_CASES: dict[str, Case] = {
    "fmod": (lambda x: x.fmod(0.7), X),
    "fmod of integers": (lambda x: x.fmod(3), BYTES.int()),
    "hypot": (torch.hypot, X, torch.tensor([0.0, float("inf"), 1e30, -3.0])),
    "lgamma": (torch.lgamma, torch.tensor([0.1, 0.5, 1.0, 2.0, 3.7, 20.0, -0.5, -2.3, 100.0])),
    "cummax": (lambda x: torch.cummax(x, 1), X),
    "cummin with equal ones": (lambda x: torch.cummin(x, 0), torch.tensor([3, 1, 1, 2])),
    **{f"cdist {p}": (functools.partial(torch.cdist, p=p), X, X[:2] + 1) for p in (0.0, 1.0, 2.0, 3.0, float("inf"))},
    "kthvalue": (lambda x: torch.kthvalue(x, 2, dim=-1)[0], X),
    "median": (lambda x: (torch.median(x), torch.median(x, dim=0)[0]), X),
    "searchsorted": (torch.searchsorted, torch.arange(5.0), X),
    "searchsorted right": (functools.partial(torch.searchsorted, right=True), torch.arange(5.0), X),
    "bits": (lambda x: (x & 12) | (x ^ 5) << 1 | (~x >> 2), torch.arange(8)),
    "bytes": (lambda x: (x * 30 + 100) // 3 + x % 5 - 7, BYTES),
    "unsigned bytes": (lambda x: x * 3 + 200 - x // 2, torch.arange(0, 250, 50, dtype=torch.uint8)),
    "power": (lambda x: x**3 + x**0, BYTES),
    "inverse": (torch.linalg.inv, torch.tensor([[0.0, 2.0, 1.0], [1.0, 0.0, 0.0], [3.0, 0.0, 1.0]])),
    "adaptive maxima": (lambda x: F.adaptive_max_pool2d(x, (3, 4), return_indices=True), IMAGE),
    "adaptive means": (lambda x: F.adaptive_avg_pool3d(x, (2, 3, 4)), IMAGE),
    "erfc": (torch.erfc, X),
    "copysign": (torch.copysign, X, torch.tensor([-0.0, 0.0, -2.0, 3.0])),
    "block_diag": (torch.block_diag, X, ROWS.float()),
    "unique": (lambda x: torch.unique(x, return_inverse=True, return_counts=True), PLACES),
    "mask": (lambda x: x[x > 0], X),
    "mask of rows": (lambda x: x[x[:, 0] > 0.7], X),
    "mask of columns": (lambda x: x[:, x[0] > 0], X),
    "masked_select": (lambda x: torch.masked_select(x, x[0] > 0), X),
    "assign a number": (assign(lambda y: y < 0, 0.5), X),
    "assign a row": (assign(lambda y: y[:, 0] > 0.7, torch.arange(4.0)), X),
    "assign one by one": (assign(lambda y: y[:, 0] > 0.7, torch.arange(8.0).view(2, 4)), X),
    **{
        f"bag {mode}": (bag(mode), PLACES.flatten(), torch.randn(3, 4), torch.tensor([0, 3, 3, 9]))
        for mode in ("sum", "mean", "max")
    },
}
STAGE_CASES: dict[str, Case] = {
    **{name: (getattr(torch, name), UNIT) for name in ("asin", "acos", "tan")},
    **{name: (getattr(torch, name), WIDE) for name in ("atan", "sinh", "cosh", "asinh")},
    "acosh": (torch.acosh, WIDE.abs() + 1),
    "atanh": (torch.atanh, UNIT * 0.999),
    "atan2": (torch.atan2, torch.tensor([0.0, 1, -1, 1, -1, 0, 2, -3]), torch.tensor([1.0, 0, 0, -1, -2, -1, 3, 5])),
    "isfinite": (torch.isfinite, torch.tensor([1.0, float("inf"), float("nan")])),
    "tril_indices": (lambda x: x + torch.tril_indices(3, 4, 1), torch.zeros(1, dtype=torch.int64)),
    "cumprod": (lambda x: torch.cumprod(x, 0), X),
    "scatter_add": (lambda x, i: torch.ones(5, 4).scatter_add(0, i, x), X, PLACES),
    **{
        f"scatter {kind} {own}": (
            lambda x, i, kind=kind, own=own: torch.ones(4, 4).scatter_reduce(0, i, x, kind, include_self=own), X, PLACES
        )
        for kind in ("sum", "prod", "mean", "amax", "amin")
        for own in (True, False)
    },
    "index_add": (lambda x, i: x.index_add(0, i, torch.ones(3, 4)), X, ROWS),
    "index_put of two": (lambda x, i, j: torch.index_put(x, (i, j), torch.arange(3.0)), X, ROWS, ROWS - 1),
    "index_put in the middle": (lambda x, i: x.transpose(0, 1).index_fill(1, i, -1.0), X, ROWS),
    "maxima with places": (lambda x: F.max_pool2d(x, (3, 2), 2, 1, return_indices=True), IMAGE),
    "avg_pool3d": (lambda x: F.avg_pool3d(x.unsqueeze(1), (2, 3, 1), 1, (1, 1, 0)), IMAGE),
    "nearest": (lambda x: F.interpolate(x, scale_factor=2), IMAGE),
    "nearest to a size": (lambda x: F.interpolate(x, size=(5, 13)), IMAGE),
    "roll": (lambda x: torch.roll(x, (1, -2), (0, 1)) + torch.roll(x, 5), X),
    **{f"diagonal {k}": (lambda x, k=k: torch.diagonal(x, k, 1, 3), IMAGE) for k in (0, 2, -3)},
    "unfold": (lambda x: x.unfold(2, 3, 2), IMAGE),
    "transposed in groups": (
        lambda x, w, b: F.conv_transpose2d(x, w, b, 2, groups=3), IMAGE, torch.randn(3, 2, 2, 2), torch.randn(6)
    ),
    "double convolution": (
        lambda x, w: F.conv2d(x, w, None, 2, 1, 2), IMAGE.double(), torch.randn(4, 3, 3, 2, dtype=torch.float64)
    ),
}  # fmt: skip
REWRITTEN_CASES: dict[str, Case] = {
    "products": (lambda z: z * z.conj() / (z + 3) - 2.5 * z + 1j, Z),
    "matrices": (lambda z: z @ z.mT, Z),
    "parts": (lambda x: torch.complex(x, x * 2).abs() + torch.polar(x.abs(), x).angle(), X),
    "exp": (lambda z: torch.exp(z), Z),
    **{
        name: (lambda z, name=name: getattr(torch.fft, name)(z), Z) for name in ("fft", "ifft", "fft2", "ifft2", "fftn")
    },
    "rfft": (lambda x: torch.fft.rfft(x, n=5, norm="ortho"), X),
    "rfft2": (torch.fft.rfft2, X),
    "irfft even": (lambda z: torch.fft.irfft(z), Z),
    "irfft odd": (lambda z: torch.fft.irfft(z, n=5, norm="forward"), Z),
    "there and back": (lambda x: torch.fft.irfft2(torch.fft.rfft2(x)), X),
    "stft": (lambda x: torch.stft(x, 4, return_complex=True, window=torch.ones(4)).abs(), torch.randn(16)),
    "item": (lambda x: x * x.sum().item(), X),
    "condition": (lambda x: torch.cond(x.sum() > 0, lambda a: a.sin() + 1, lambda a: a.cos(), (x,)), X),
    "other condition": (lambda x: torch.cond(x.sum() > 9, lambda a: a.sin() + 1, lambda a: a.cos(), (x,)), X),
    "loop": (
        lambda x: torch._higher_order_ops.while_loop(
            lambda i, y: i < 3, lambda i, y: (i + 1, y * 2 + i), (torch.tensor(0), x)
        ), X
    ),
}  # fmt: skip


def flat(value: Any) -> list[Any]:
    """The tensors in a result, complex ones as pairs, as a rewritten program gives them."""
    leaves = [torch.as_tensor(leaf) for leaf in pytree.tree_leaves(value)]
    return [torch.view_as_real(leaf.resolve_conj()) if leaf.is_complex() else leaf for leaf in leaves]


def run(program: torch.export.ExportedProgram, inputs: tuple[Any, ...]) -> list[Any]:
    """Runs the graph itself: its inputs may be pairs, which the program's face does not know."""
    given = iter(flat(inputs))
    tensors = {**program.state_dict, **program.constants}
    specs = program.graph_signature.input_specs
    values = [next(given) if spec.kind.name == "USER_INPUT" else tensors[spec.target] for spec in specs]
    return list(program.graph_module(*values))


def operators(program: torch.export.ExportedProgram) -> set[Any]:
    return {node.target for node in program.graph.nodes if node.op == "call_function"}


def compare(case: Case, changed: torch.export.ExportedProgram) -> None:
    function, *inputs = case
    expected = flat(function(*inputs))
    for result, wanted in zip(run(changed, tuple(inputs)), expected, strict=True):
        torch.testing.assert_close(result, wanted, rtol=1e-5, atol=2e-5, equal_nan=True, check_dtype=wanted.dim() > 0)


@pytest.mark.parametrize("name", ALWAYS_CASES)
def test_what_no_stage_takes(name: str) -> None:
    function, *inputs = ALWAYS_CASES[name]
    program = decompose(export_entry(Call(function, tuple(inputs), {})).program)
    compare(ALWAYS_CASES[name], program)


@pytest.mark.parametrize("name", STAGE_CASES)
def test_what_a_stage_refuses(name: str) -> None:
    function, *inputs = STAGE_CASES[name]
    exported = export_entry(Call(function, tuple(inputs), {})).program
    changed = decompose(exported, for_backend("tosa"))
    assert operators(changed) != operators(decompose(exported)), "nothing was replaced"
    compare(STAGE_CASES[name], changed)


@pytest.mark.parametrize("name", REWRITTEN_CASES)
def test_what_is_traced_again(name: str) -> None:
    function, *inputs = REWRITTEN_CASES[name]
    changed = decompose(_rewritten(export_entry(Call(function, tuple(inputs), {})).program))
    for node in changed.graph.nodes:
        values = pytree.tree_leaves(node.meta.get("val"))
        assert not any(isinstance(value, torch.Tensor) and value.is_complex() for value in values)
    assert not {torch.ops.higher_order.cond, torch.ops.higher_order.while_loop} & operators(changed)
    compare(REWRITTEN_CASES[name], changed)


def test_lines_survive() -> None:
    def program(x: torch.Tensor) -> torch.Tensor:
        return torch.fft.rfft(x).abs()

    changed = decompose(_rewritten(export_entry(Call(program, (X,), {})).program))
    traces = [node.meta.get("stack_trace") or "" for node in changed.graph.nodes if node.op == "call_function"]
    assert traces and all("test_replacements.py" in trace for trace in traces)


def test_samples_follow_the_probabilities() -> None:
    weights = torch.tensor([0.1, 0.2, 0.7])
    draw = ALWAYS[torch.ops.aten.multinomial.default]
    torch.manual_seed(0)
    counts = torch.bincount(torch.cat([draw(weights, 2000, True)]), minlength=3) / 2000
    torch.testing.assert_close(counts, weights, atol=0.04, rtol=0)
    assert sorted(draw(weights, 3).tolist()) == [0, 1, 2]

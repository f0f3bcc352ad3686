"""Other ways to a stage that has refused a program: the same program in other terms.

Called by pipelines.py in the process of a stage that failed; nobody else pays for it. Each
way is tried in turn, and the document says which one was taken.
"""

from __future__ import annotations

import contextlib
import functools
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from irlens_worker.provider import StageFailed
from torch._export.utils import _get_decomp_for_cia

from ..capture.export import Exported, export_entry
from .backend_replacements import for_backend
from .decompositions import decompose
from .replacements import Table
from .rewriter import needs_rewriting, rewrite

_FIXED = "made for the sizes of the example inputs, without symbolic dimensions"
_REWRITTEN = "complex numbers are pairs, conditions selections, loops unrolled"

# How often an operator may be found in what another one was replaced by.
_ROUNDS = 4


@dataclass
class Variant:
    """One way. `failure` is set by whoever tried it in vain."""

    program: Callable[[], torch.export.ExportedProgram]
    table: Table
    about: str = ""
    replaced: set[str] = field(default_factory=set)
    failure: StageFailed | None = None

    @property
    def note(self) -> str:
        """What the document's first line says."""
        names = ", ".join(sorted(self.replaced))
        parts = [self.about] if self.about else []
        return "; ".join(parts + ([f"in terms of other operators: {names}"] if names else []))


def variants(exported: Exported, backend: str, failure: StageFailed) -> Iterator[Variant]:
    """The ways to a stage of this backend (empty: of none), the one nearest to the program first."""
    program = exported.program
    yield from _replacing(lambda: program, "", backend, failure)
    if needs_rewriting(program):
        yield from _replacing(functools.cache(lambda: _rewritten(program)), _REWRITTEN, backend, None)
    if program.range_constraints and backend:
        fixed = functools.cache(lambda: export_entry(replace(exported.call, dynamic_shapes=None)).program)
        yield from _replacing(fixed, _FIXED, backend, None)
        yield from _replacing(functools.cache(lambda: _rewritten(fixed())), f"{_FIXED}; {_REWRITTEN}", backend, None)


def _rewritten(program: torch.export.ExportedProgram) -> torch.export.ExportedProgram:
    return rewrite(decompose(program, _transforms()))


def _squeeze(x: torch.Tensor, dims: list[int]) -> torch.Tensor:
    chosen = {dim % max(x.dim(), 1) for dim in dims}
    return x.reshape([size for dim, size in enumerate(x.shape) if dim not in chosen or size != 1])


def _transforms() -> Table:
    """Transforms come down to three; torch-mlir's table keeps them apart."""
    # What that table has for it cannot be decomposed a second time.
    found: dict[Any, Callable[..., Any]] = {torch.ops.aten.squeeze.dims: _squeeze}
    for name in (*(name for name in dir(torch.ops.aten) if name.startswith("fft_")), "stft"):
        packet = getattr(torch.ops.aten, name)
        for overload in packet.overloads():
            operator = getattr(packet, overload)
            if operator._can_decompose():
                found[operator] = _get_decomp_for_cia(operator)
    return found


def _replacing(
    program: Callable[[], torch.export.ExportedProgram], about: str, backend: str, failure: StageFailed | None
) -> Iterator[Variant]:
    """Replaces what is known to be refused, then whatever else is, as long as that helps."""
    refused: dict[Any, Callable[..., Any]] = {}
    for number in range(_ROUNDS):
        known = len(refused)
        for diagnostic in failure.diagnostics if failure else []:
            refused.update(_general_decompositions(diagnostic.op))
        if number > 0 and len(refused) == known:
            return
        variant = Variant(program, {}, about)
        variant.table = _counted({**refused, **for_backend(backend)}, variant.replaced)
        yield variant
        failure = variant.failure


def _general_decompositions(name: str) -> dict[Any, Callable[..., Any]]:
    """PyTorch's own way to do an operator that the torch dialect calls `torch.aten.NAME`."""
    _, _, base = name.partition("torch.aten.")
    packet = getattr(torch.ops.aten, base.split(".")[0], None) if base else None
    if packet is None:
        return {}
    table = torch._decomp.global_decomposition_table["post_autograd"]
    found: dict[Any, Callable[..., Any]] = {}
    for overload in packet.overloads():
        with contextlib.suppress(AttributeError, RuntimeError):  # one that only TorchScript has
            operator = getattr(packet, overload)
            if operator in table:
                found[operator] = table[operator]
            elif operator._can_decompose():
                found[operator] = _get_decomp_for_cia(operator)
    return found


def _counted(table: Mapping[Any, Callable[..., Any]], used: set[str]) -> Table:
    """The same table, which notes what it is used for."""

    def counting(operator: Any, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                result = function(*args, **kwargs)
            if result is not NotImplemented:
                used.add(str(operator).removesuffix(".default"))
            return result

        return call

    return {operator: counting(operator, function) for operator, function in table.items()}

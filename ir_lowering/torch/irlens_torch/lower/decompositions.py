"""Decomposes exported programs with torch-mlir's table, without preparing it each time.

`run_decompositions` looks through all operators for those that may be kept whole (35 ms), and
gives each of these 500 other kernels (45 ms), before it begins its work proper (some 60 ms
for a small model). Both depend on the table only, so the zygote does them once, and a forked
child puts the prepared kernels in place. With a torch that works otherwise inside, the
program is decomposed in the ordinary way.
"""

from __future__ import annotations

import contextlib
import functools
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch_mlir.extras.fx_decomp_util import get_decomposition_table

from .replacements import ALWAYS, Table

_PREPARE = "_override_composite_implicit_decomp"
_COLLECT = "_collect_all_valid_cia_ops"


def decompose(program: torch.export.ExportedProgram, further: Table | None = None) -> torch.export.ExportedProgram:
    """A program in terms of the operators that torch-mlir knows; `further` replaces some of them."""
    table = {**get_decomposition_table(), **ALWAYS, **(further or {})}
    with warnings.catch_warnings(), _prepared():
        warnings.simplefilter("ignore")
        return program.run_decompositions(table)


@contextlib.contextmanager
def _prepared() -> Iterator[None]:
    """Puts what is remembered in the place of torch's own preparation."""
    from torch.export import exported_program as torch_module

    if not hasattr(torch_module, _PREPARE) or not hasattr(torch_module, _COLLECT):
        yield
        return
    prepare, collect = getattr(torch_module, _PREPARE), getattr(torch_module, _COLLECT)
    setattr(torch_module, _PREPARE, functools.partial(_kernels.install, prepare))
    setattr(torch_module, _COLLECT, functools.partial(_operators, collect))
    try:
        yield
    finally:
        setattr(torch_module, _PREPARE, prepare)
        setattr(torch_module, _COLLECT, collect)


@functools.cache
def _operators(collect: Any) -> Any:
    return collect()


class _Kernels:
    """The kernels that operators have while a program is decomposed."""

    def __init__(self) -> None:
        self._kernels: dict[Any, dict[Any, Any]] = {}
        self._fake_rules: dict[Any, Any] = {}
        self._key: tuple[Any, ...] = ()

    @contextlib.contextmanager
    def install(self, prepare: Any, operators: Mapping[Any, Any]) -> Iterator[None]:
        """What torch's function does, given that function and its argument."""
        from torch._subclasses.fake_impls import op_implementations_dict

        key = tuple(operators.items())
        if key != self._key:
            with prepare(operators):
                self._kernels = {operator: dict(operator.py_kernels) for operator in operators}
                self._fake_rules = {
                    operator: op_implementations_dict[operator]
                    for operator in operators
                    if operator in op_implementations_dict
                }
                self._key = key
                yield
            return
        saved = {operator: dict(operator.py_kernels) for operator in operators}
        missing = [operator for operator in self._fake_rules if operator not in op_implementations_dict]
        _replace_kernels(self._kernels)
        op_implementations_dict.update((operator, self._fake_rules[operator]) for operator in missing)
        try:
            yield
        finally:
            _replace_kernels(saved)
            for operator in missing:
                op_implementations_dict.pop(operator, None)


def _replace_kernels(kernels: Mapping[Any, dict[Any, Any]]) -> None:
    for operator, table in kernels.items():
        operator.py_kernels.clear()
        operator.py_kernels.update(table)
        operator._dispatch_cache.clear()


_kernels = _Kernels()

"""One torch.export per entry; FX and torch-mlir both start from its result.

Called in the process of the `export` node.
"""

from __future__ import annotations

import contextlib
import inspect
import logging
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from irlens_worker.frames import is_library_file
from torch._export.converter import TS2EPConverter

from .stack_traces import format_stack_trace, parse_stack_trace, recording

_CHECKS = (
    torch.ops.aten._assert_scalar.default,
    torch.ops.aten._assert_async.msg,
    torch.ops.aten.sym_constrain_range.default,
    torch.ops.aten.sym_constrain_range_for_size.default,
)


@dataclass
class Call:
    """A model and what it is called with: the payload of an entry."""

    model: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    name: str = ""
    strict: bool = False
    dynamic_shapes: Any = None
    # Where the call stands in the user's file.
    frames: list[tuple[str, int, int]] = field(default_factory=list)


@dataclass
class Exported:
    """An exported program with the call that it stems from."""

    program: torch.export.ExportedProgram
    call: Call
    # What the first line of the documents says.
    note: str = ""


class _Wrapper(torch.nn.Module):
    """Makes a module of a plain callable: torch.export takes nothing else."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__()
        # A bound method keeps its module, so that its weights are found.
        owner = getattr(function, "__self__", None)
        if isinstance(owner, torch.nn.Module):
            self.owner = owner
        self.__dict__["function"] = function
        try:
            inspect.signature(function)
        except (TypeError, ValueError):  # a builtin: its parameters have no names
            return
        # Inputs are called as the function calls them.
        self.__dict__["forward"] = function

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return self.__dict__["function"](*args, **kwargs)


def as_module(model: Callable[..., Any]) -> torch.nn.Module:
    """The model itself, or a module that calls it."""
    return model if isinstance(model, torch.nn.Module) else _Wrapper(model)


def export_entry(call: Call) -> Exported:
    """Exports the program. Raises what the user's code or torch.export raises."""
    note = ""
    with warnings.catch_warnings(), recording():
        warnings.simplefilter("ignore")
        try:
            program = _export(call, call.strict)
        except Exception as error:
            if not type(error).__module__.startswith("torch.") or _is_about_shapes(error):
                raise  # the model's own error, or what the user said of its shapes
            otherwise = _export_otherwise(call)
            if otherwise is None:
                raise
            program, note = otherwise
    _complete_traces(program, call)
    return Exported(program, call, note)


def _is_about_shapes(error: Exception) -> bool:
    return getattr(getattr(error, "error_type", None), "name", "") == "CONSTRAINT_VIOLATION"


def _export(call: Call, strict: bool) -> torch.export.ExportedProgram:
    if isinstance(call.model, (torch.jit.ScriptModule, torch.jit.ScriptFunction)):
        return TS2EPConverter(call.model, call.args, call.kwargs or None).convert()
    return torch.export.export(
        as_module(call.model), call.args, call.kwargs or None, dynamic_shapes=call.dynamic_shapes, strict=strict
    )


def _export_otherwise(call: Call) -> tuple[torch.export.ExportedProgram, str] | None:
    """What torch.export cannot take in one mode it may take in another; with a draft at last.

    A draft goes the way that the example inputs go where the program depends on data.
    """
    with contextlib.suppress(Exception):
        return _export(call, not call.strict), ""
    with contextlib.suppress(Exception), _quiet():
        program = torch.export.draft_export(
            as_module(call.model), call.args, call.kwargs or None, dynamic_shapes=call.dynamic_shapes
        )
        _drop_checks(program)
        return program, "depends on data: this is the way that the example inputs take"
    return None


def _drop_checks(program: torch.export.ExportedProgram) -> None:
    """A draft checks at each run that the way is still the right one; no compiler takes that."""
    graph = program.graph
    for node in reversed(graph.nodes):
        if node.target in _CHECKS:
            graph.erase_node(node)
    graph.eliminate_dead_code(lambda node: node.op in ("placeholder", "output"))
    program.graph_module.recompile()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Drops the report of a draft, which goes to the log as an error."""
    level = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(level)


def _complete_traces(program: torch.export.ExportedProgram, call: Call) -> None:
    """Lets operations that no line of the user's stands for come from the call itself.

    That is so when the model is a layer of a library, as in `__explore__(nn.Linear(3, 3), x)`.
    """
    outermost = format_stack_trace(call.frames)
    for node in program.graph.nodes:
        if node.op != "call_function":
            continue
        frames = parse_stack_trace(node.meta.get("stack_trace"))
        if all(is_library_file(file) for file, _, _ in frames):
            node.stack_trace = "\n".join(filter(None, [outermost, node.stack_trace]))

"""One torch.export per entry; FX and torch-mlir both start from its result.

Called in the process of the `export` node.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from irlens_worker.frames import is_library_file
from torch._export.converter import TS2EPConverter

from .stack_traces import format_stack_trace, parse_stack_trace, recording


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
    with warnings.catch_warnings(), recording():
        warnings.simplefilter("ignore")
        if isinstance(call.model, (torch.jit.ScriptModule, torch.jit.ScriptFunction)):
            program = TS2EPConverter(call.model, call.args, call.kwargs or None).convert()
        else:
            program = torch.export.export(
                as_module(call.model),
                call.args,
                call.kwargs or None,
                dynamic_shapes=call.dynamic_shapes,
                strict=call.strict,
            )
    _complete_traces(program, call)
    return Exported(program, call)


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

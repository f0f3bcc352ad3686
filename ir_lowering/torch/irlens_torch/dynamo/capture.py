"""Runs a model once under torch.compile and notes frames, graphs, guards and graph breaks.

Called in the processes of the nodes `compile`, `aot` and `inductor`. The model really runs: what Dynamo
does behind a graph break depends on values. The backend decides what is made of each graph.
"""

from __future__ import annotations

import contextlib
import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from types import CodeType
from typing import Any

import torch
import torch._dynamo
from irlens_worker.frames import exception_diagnostic
from irlens_worker.protocol import Diagnostic, Frame
from torch._dynamo import convert_frame
from torch._dynamo.eval_frame import _debug_get_cache_entry_list, innermost_fn, optimize
from torch._dynamo.symbolic_convert import InstructionTranslatorBase

from ..capture.export import Call
from ..capture.graph_text import Line, frames_of
from .breaks import GraphBreak, read_break

# Makes of a graph what runs in its place; the compile id is that of Dynamo's frame.
Backend = Callable[[str, torch.fx.GraphModule, list[Any]], Callable[..., Any]]

# Attribute of an exception that was raised while a graph ran.
_FRAMES = "irlens_frames"
_RESUMED = re.compile(r"(.*?)torch_dynamo_resume_in_(.+)_at_(\d+)$")


@dataclass
class CompiledFrame:
    """One compilation of one frame: a function, or the rest of it after a graph break."""

    id: str  # "0/1": the second compilation of the first frame
    code: CodeType | None = None
    graphs: list[list[Line]] = field(default_factory=list)
    operations: int = 0
    breaks: list[GraphBreak] = field(default_factory=list)
    # Dynamo's guards as it prints them, and as objects that know their source lines.
    guard_text: str = ""
    guards: list[Any] = field(default_factory=list)

    def title(self) -> str:
        """`Net.forward`, or `Net.forward after line 9`."""
        if self.code is None:
            return "a frame that was given up"
        resumed = _RESUMED.match(self.code.co_qualname if hasattr(self.code, "co_qualname") else self.code.co_name)
        if resumed:
            return f"{resumed[1]}{resumed[2]} after line {resumed[3]}"
        return getattr(self.code, "co_qualname", self.code.co_name)

    def place(self) -> list[Frame]:
        """Where the frame's function, or its rest, begins."""
        if self.code is None:
            return self.breaks[0].frames[:1] if self.breaks else []
        return [(self.code.co_filename, self.code.co_firstlineno, 0)]


@dataclass
class Compiled:
    """What a run under torch.compile showed."""

    call: Call
    frames: dict[str, CompiledFrame] = field(default_factory=dict)
    # Why the run ended early.
    errors: list[Diagnostic] = field(default_factory=list)

    def frame(self, id: str) -> CompiledFrame:
        return self.frames.setdefault(id, CompiledFrame(id))

    def in_order(self) -> list[CompiledFrame]:
        """The frames in the order in which they were first compiled."""
        return sorted(self.frames.values(), key=lambda frame: [int(part) for part in re.findall(r"\d+", frame.id)])


def compile_entry(call: Call, backend: Backend) -> Compiled:
    """Calls the model. What that raises is kept in the result: what came before stays of use."""
    compiled = Compiled(call)

    def compile_graph(graph: torch.fx.GraphModule, inputs: list[Any]) -> Callable[..., Any]:
        return backend(_current_id(), graph, inputs)

    def keep_guards(guards: Iterable[Any]) -> None:
        compiled.frame(_current_id()).guards = list(guards)

    torch._dynamo.reset()
    model: Any = innermost_fn(call.model) if not isinstance(call.model, torch.nn.Module) else call.model
    with warnings.catch_warnings(), _watching(compiled):
        warnings.simplefilter("ignore")
        dynamic = True if call.dynamic_shapes else None
        run = optimize(compile_graph, guard_export_fn=keep_guards, dynamic=dynamic)(model)
        try:
            run(*call.args, **call.kwargs)
        except Exception as error:
            diagnostic = exception_diagnostic(error)
            diagnostic.frames = getattr(error, _FRAMES, []) or diagnostic.frames or call.frames
            compiled.errors.append(diagnostic)
    _read_guards(compiled)
    return compiled


def placed(graph: torch.fx.GraphModule) -> Callable[..., Any]:
    """Runs a graph as it is; what an operation raises knows the operation's source lines."""

    class Run(torch.fx.Interpreter):
        extra_traceback = False

        def run_node(self, n: torch.fx.Node) -> Any:
            try:
                return super().run_node(n)
            except Exception as error:
                if not hasattr(error, _FRAMES):
                    setattr(error, _FRAMES, frames_of(n))
                raise

    return Run(graph).run


@contextlib.contextmanager
def _watching(compiled: Compiled) -> Iterator[None]:
    """Notes which code Dynamo compiles and where it gives up."""

    def on_code(code: CodeType, _: CodeType) -> None:
        compiled.frame(_current_id()).code = code

    log = InstructionTranslatorBase.log_graph_break

    def on_break(self: Any, code_options: Any, reason: str, exc: Any) -> None:
        if not exc.logged:
            found = read_break(reason, getattr(exc, "real_stack", None) or [], compiled.call.frames)
            breaks = compiled.frame(_current_id()).breaks
            if found not in breaks:
                breaks.append(found)
        log(self, code_options, reason, exc)

    hook = convert_frame.register_bytecode_hook(on_code)
    InstructionTranslatorBase.log_graph_break = on_break
    try:
        yield
    finally:
        InstructionTranslatorBase.log_graph_break = log
        hook.remove()


def _current_id() -> str:
    id = torch._guards.CompileContext.current_compile_id()
    return f"{id.frame_id}/{id.frame_compile_id}" if id else "0/0"


def _read_guards(compiled: Compiled) -> None:
    """Takes the guards from Dynamo's cache, where they are compiled and in their final order."""
    for frame in list(compiled.frames.values()):
        for entry in _debug_get_cache_entry_list(frame.code) if frame.code else []:
            if str(entry.compile_id) == frame.id:
                frame.guard_text = str(entry.guard_manager)

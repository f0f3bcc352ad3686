"""Inductor's code for the CPU, generated and never built: the `inductor` stage.

Called in the stage's process. Inductor lowers each graph to a Python module with C++ kernels
in it, which it would then write, compile and load. Here it stops at the text, and the graph
runs as it is. So no C++ compiler is needed, and a stage takes a second instead of twenty.
"""

from __future__ import annotations

import contextlib
import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import torch
import torch._functorch.config
import torch._inductor.debug
from functorch.compile import make_boxed_func
from irlens_worker.artifacts import StageResult
from irlens_worker.protocol import Frame
from torch._inductor import compile_fx, config, cpp_builder
from torch._inductor.cpu_vec_isa import VecISA
from torch._inductor.graph import GraphLowering

from ..capture.export import Call
from ..capture.graph_text import Line
from ..capture.stack_traces import parse_stack_trace
from .capture import Compiled, compile_entry, placed
from .graphs import finish, heading

# `cpp_fused_relu_0 = async_compile.cpp_pybinding([...], r'''` up to `''')`
_KERNEL = re.compile(r"^(\w+) = async_compile\.\w+\(.*(?:r?'''|\"\"\")$", re.M)
_KERNEL_END = re.compile(r"^(?:'''|\"\"\").*\)$")
# Inductor names a kernel's calls: `cpp_fused_relu_0:2` in a comment above each.
_HANDLE = re.compile(r"^\s*# \[Provenance debug handles\] (\S+)$")
# Below the code proper Inductor puts a benchmark of it.
_BENCHMARK = re.compile(r"^def (?:get_args|benchmark_compiled_module)\b", re.M)


class _CodeIsThere(Exception):
    """Ends Inductor's work once the code is generated."""


@dataclass
class GeneratedCode:
    """The text of one module, and the stack traces that each of its kernel calls stems from."""

    frame: str
    kind: str
    text: str
    traces: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class Generated:
    compiled: Compiled
    modules: list[GeneratedCode] = field(default_factory=list)

    @property
    def call(self) -> Call:
        return self.compiled.call


def capture_inductor(call: Call) -> Generated:
    """Runs the model with Inductor as the backend, up to its output code."""
    found = Generated(Compiled(call))

    def backend(frame: str, graph: torch.fx.GraphModule, inputs: list[Any]) -> Callable[..., Any]:
        def generate(part: torch.fx.GraphModule, examples: Any, **options: Any) -> Callable[..., Any]:
            as_it_is = copy.deepcopy(part)
            kind = "backward" if options.get("is_backward") else "forward"
            found.modules.append(GeneratedCode(frame, kind, _generate(part, examples, options)))
            found.modules[-1].traces = dict(torch._inductor.debug._inductor_kernel_stack_trace)
            return make_boxed_func(placed(as_it_is))

        return compile_fx.compile_fx(graph, inputs, inner_compile=generate)

    settings = {
        "fx_graph_cache": False,
        "cpp.vec_isa_ok": True,  # whether the compiler knows the vector instructions is not asked
        "trace.provenance_tracking_level": 1,
    }
    # The backward part would be lowered at the first backward(), which never comes.
    lazily = torch._functorch.config.patch(force_non_lazy_backward_lowering=True)
    with config.patch(settings), lazily, _without_building():
        found.compiled = compile_entry(call, backend)
    return found


def make_inductor(found: Generated) -> StageResult:
    """The document: the modules of all frames, one after the other."""
    lines: list[Line] = []
    kernels = 0
    for frame in found.compiled.in_order():
        for module in found.modules:
            if module.frame == frame.id:
                lines += heading(frame, module.kind)
                lines += _module_lines(module)
                kernels += len(set(_KERNEL.findall(module.text)))
                lines.append(Line(""))
    return finish(found.compiled, lines or [Line("# Inductor generated no code")], {"kernels": kernels}, [])


def _generate(graph: torch.fx.GraphModule, examples: Any, options: dict[str, Any]) -> str:
    taken: list[str] = []

    def take(lowering: Any) -> Any:
        code, _ = lowering.codegen()
        taken.append(getattr(code, "value", str(code)))
        raise _CodeIsThere

    with mock.patch.object(GraphLowering, "_compile_to_module", take):
        try:
            compile_fx.compile_fx_inner(graph, examples, **options)
        except Exception:  # Inductor wraps whatever is raised in its depths
            if not taken:
                raise
    return taken[0] if taken else "# the graph needs no code"


@contextlib.contextmanager
def _without_building() -> Iterator[None]:
    """Inductor looks for a C++ compiler and tries it before it generates code for it."""
    with (
        mock.patch.object(VecISA, "check_build", lambda self, code: True),
        mock.patch.object(cpp_builder, "cpp_compiler_search", lambda search: "g++"),
        mock.patch.object(cpp_builder, "_is_gcc", lambda compiler: True),
    ):
        yield


def _module_lines(module: GeneratedCode) -> Iterator[Line]:
    """The code without its benchmark; kernels and their calls are linked to what they compute."""
    # Inductor keeps the traces in sets: sorted, the document is the same from save to save.
    chains = {name: sorted(map(parse_stack_trace, traces)) for name, traces in module.traces.items()}
    inside: list[list[Frame]] = []
    calls: list[list[Frame]] = []
    proper = _BENCHMARK.split(module.text, maxsplit=1)[0]
    for text in proper.rstrip().splitlines():
        handle = _HANDLE.match(text)
        if handle:
            calls = chains.get(handle[1], [])
            continue
        kernel = _KERNEL.match(text)
        if kernel:
            inside = [chain for name, found in chains.items() if name.split(":")[0] == kernel[1] for chain in found]
        here = inside or calls
        yield Line(text, here[0] if here else [], tuple(here[1:]))
        if _KERNEL_END.match(text):
            inside = []
        if calls and not text.lstrip().startswith("#"):
            calls = []

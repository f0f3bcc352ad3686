"""The graphs that torch.compile hands to its backend, frame by frame: the `dynamo` stage.

Called in the stage's process. Where a graph ends before its function does, the document says
why, and the same stands as a warning on the user's line.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from irlens_worker.artifacts import StageResult
from irlens_worker.protocol import Diagnostic
from irlens_worker.provider import StageFailed

from ..capture.export import Call
from ..capture.graph_text import Line, annotation, body, document, remark
from .capture import Compiled, CompiledFrame, compile_entry, placed

# Dynamo's names for values: L['self']._modules['up']._parameters['weight'].
_LOCAL = re.compile(r"^L\['(\w+)'\]")
_MEMBER = re.compile(r"\._(?:modules|parameters|buffers)\['([^']+)'\]")

# AOT autograd's: args[0], __output_tangent(output[0]).
_ARGUMENT = re.compile(r"^args\[(\d+)\]$")
_TANGENT = re.compile(r"^__output_tangent\((.*)\)$")


def capture_graphs(call: Call) -> Compiled:
    """Runs the model with a backend that prints the graphs and executes them as they are."""
    taken: list[tuple[str, list[Line], int]] = []

    def backend(id: str, graph: torch.fx.GraphModule, inputs: list[Any]) -> Callable[..., Any]:
        operations = sum(node.op in ("call_function", "call_method", "call_module") for node in graph.graph.nodes)
        taken.append((id, list(graph_class(graph, "Graph")), operations))
        return placed(graph)

    compiled = compile_entry(call, backend)
    for id, lines, operations in taken:
        frame = compiled.frame(id)
        frame.graphs.append(lines)
        frame.operations += operations
    return compiled


def make_dynamo(compiled: Compiled) -> StageResult:
    """The document. Raises StageFailed, with what there is, when the model raised."""
    lines: list[Line] = []
    frames = compiled.in_order()
    for frame in frames:
        lines += heading(frame)
        lines += [line for graph in frame.graphs for line in graph] or [Line("# no graph: nothing to compile here")]
        lines += [line for found in frame.breaks for line in _break_lines(found)]
        lines.append(Line(""))
    if not frames:
        lines = [Line("# torch.compile found nothing to compile")]
    breaks = [found.diagnostic() for frame in frames for found in frame.breaks]
    summary = {"ops": sum(frame.operations for frame in frames), "graphs": sum(len(frame.graphs) for frame in frames)}
    return finish(compiled, lines, summary, breaks)


def finish(compiled: Compiled, lines: list[Line], summary: dict[str, int], found: list[Diagnostic]) -> StageResult:
    """The stage's result; a failure if the model raised, with the text up to there."""
    result = document(lines, summary)
    if compiled.errors:
        raise StageFailed(compiled.errors + found, text=result.text)
    result.diagnostics = found
    return result


def graph_class(
    graph: torch.fx.GraphModule, name: str, arguments: Sequence[str] = (), depth: int = 0
) -> Iterator[Line]:
    """A graph as a class whose inputs say what they are; `arguments` names those of Dynamo's graph."""
    indent = "    " * depth
    yield Line(f"{indent}class {name}(torch.nn.Module):")
    for child_name, child in graph.named_children():
        if isinstance(child, torch.fx.GraphModule):
            yield from graph_class(child, child_name, (), depth + 1)
            yield Line("")
    yield Line(f"{indent}    def forward(")
    yield Line(f"{indent}        self,")
    for node in graph.graph.nodes:
        if node.op == "placeholder":
            origin = describe_input(node, arguments)
            yield Line(f"{indent}        {node.name}{annotation(node)},{f'  # {origin}' if origin else ''}")
    yield Line(f"{indent}    ):")
    yield from body(graph, indent + "        ", {})


def describe_input(node: torch.fx.Node, arguments: Sequence[str] = ()) -> str:
    """What an input is: `self.up.weight`, or `gradient of output[0]`; empty if nobody knows."""
    source = getattr(node.meta.get("grapharg"), "source", None)
    if source is not None:
        name = source.name if isinstance(source.name, str) else source.name()
        return _LOCAL.sub(r"\1", _MEMBER.sub(r".\1", name), count=1)
    describe = getattr(node.meta.get("desc"), "expr", None)
    text = _TANGENT.sub(r"gradient of \1", str(describe())) if callable(describe) else ""
    argument = _ARGUMENT.match(text)
    return arguments[int(argument[1])] if argument and int(argument[1]) < len(arguments) else text


def heading(frame: CompiledFrame, part: str = "") -> Iterator[Line]:
    """`# frame 0/0: Net.forward, model.py:9`, with `part` of it in brackets."""
    place = frame.place()
    where = f", {os.path.basename(place[0][0])}:{place[0][1]}" if place else ""
    yield Line(f"# frame {frame.id}: {frame.title()}{where}{f' ({part})' if part else ''}", place)


def _break_lines(found: Any) -> Iterator[Line]:
    file, line, _ = found.frames[0] if found.frames else ("", 0, 0)
    if file:
        yield Line(remark(file, line), found.frames)
    yield Line(f"# graph break: {found.reason}", found.frames)

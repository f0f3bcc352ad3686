"""FX graphs as Python code with shapes, each line with the frames that it stems from.

Called by fx.py for exported programs and by dynamo/ for the graphs of torch.compile. The
code is that of torch.fx, without what only the interpreter needs (the `;  x = None` at the
ends of lines), and with a remark above each group of lines that says whose code it is.
"""

from __future__ import annotations

import linecache
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from irlens_worker.artifacts import StageResult
from irlens_worker.frames import is_library_file
from irlens_worker.protocol import Frame, Json
from torch.fx.graph import CodeGen

from .links import LinkBuilder
from .signature import tensor_type
from .stack_traces import parse_stack_trace

_RELEASE = re.compile(r";  (?:\w+ = )+None$")
_ASSIGNED = re.compile(r"\s*(\w+)(?:: \"[^\"]*\")? = ")


@dataclass(frozen=True)
class Line:
    """A line of a document; `frames` go from the innermost call outwards."""

    text: str
    frames: list[Frame] = field(default_factory=list)
    # Further call chains that the line stems from: a fused kernel has many.
    others: tuple[list[Frame], ...] = ()


def document(lines: list[Line], summary: Json) -> StageResult:
    """A stage's text with its link table."""
    links = LinkBuilder()
    for number, line in enumerate(lines, start=1):
        for frames in (line.frames, *line.others):
            if frames:
                links.link(number, frames)
    return StageResult(text="".join(line.text + "\n" for line in lines), links=links.to_json(), summary=summary)


def body(module: torch.fx.GraphModule, indent: str, fetch: Mapping[str, str]) -> Iterator[Line]:
    """The statements of a graph; `fetch` says how inputs that are weights are obtained."""
    nodes = {node.name: node for node in module.graph.nodes}
    fetched: set[str] = set()
    said: list[tuple[str, int]] = []
    for text in _statements(module):
        match = _ASSIGNED.match(text)
        node = nodes.get(match.group(1)) if match else None
        if node is not None and node.op == "placeholder":  # only another name for an input
            continue
        if node is None and text.startswith("return"):
            node = next(node for node in nodes.values() if node.op == "output")
        frames = frames_of(node)
        users = [(file, line) for file, line, _ in frames if not is_library_file(file)]
        if users != said:
            if said:
                yield Line("")
            for file, line in reversed(users):
                yield Line(indent + remark(file, line), frames)
            said = users
        for needed in node.all_input_nodes if node else []:
            if needed.name in fetch and needed.name not in fetched:
                fetched.add(needed.name)
                yield Line(f"{indent}{needed.name}{annotation(needed)} = {fetch[needed.name]}", frames)
        yield Line(indent + text, frames)


def frames_of(node: torch.fx.Node | None) -> list[Frame]:
    """Where a node comes from; the result of a graph comes from where its value does."""
    if node is None:
        return []
    frames = parse_stack_trace(node.meta.get("stack_trace"))
    if not frames and node.op in ("output", "get_attr"):
        near = list(node.all_input_nodes) if node.op == "output" else list(node.users)
        for other in near:
            frames = parse_stack_trace(other.meta.get("stack_trace"))
            if frames:
                break
    return frames


def remark(file: str, line: int) -> str:
    """`# model.py:9  y = x + 1`"""
    code = linecache.getline(file, line).strip()
    return f"# {os.path.basename(file)}:{line}  {code}".rstrip()


def annotation(node: torch.fx.Node) -> str:
    """`: "f32[2, 4]"` if the node's value is known to be a tensor."""
    value: Any = node.meta.get("val", node.meta.get("example_value"))
    if isinstance(value, torch.SymInt):
        return f': "Sym({value})"'
    return f': "{tensor_type(value)}"' if isinstance(value, torch.Tensor) else ""


def _statements(module: torch.fx.GraphModule) -> Iterator[str]:
    """The statements of torch.fx's own code for a graph."""
    graph = module.graph
    codegen = graph._codegen
    graph.set_codegen(CodeGen())  # others take pytrees apart first
    try:
        source = graph.python_code("self", verbose=True).src
    finally:
        graph.set_codegen(codegen)
    inside = False
    for line in source.splitlines():
        text = line.strip()
        if text.startswith("def forward("):
            inside = True
        elif inside and text and not text.startswith("# "):
            yield _RELEASE.sub("", text)

"""The exported program as Python code with shapes: the `fx` stage.

Called in the stage's process. The code is that of torch.fx, with weights fetched by their
qualified names right before their first use, and without what only the interpreter needs
(the `;  x = None` at the ends of lines).
"""

from __future__ import annotations

import linecache
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from irlens_worker.artifacts import StageResult
from irlens_worker.frames import is_library_file
from irlens_worker.protocol import Frame

from .export import Exported
from .links import LinkBuilder
from .signature import tensor_type
from .stack_traces import parse_stack_trace

_RELEASE = re.compile(r";  (?:\w+ = )+None$")
_ASSIGNED = re.compile(r"\s*(\w+)(?:: \"[^\"]*\")? = ")


@dataclass(frozen=True)
class _Line:
    text: str
    frames: list[Frame]


def make_fx(exported: Exported) -> StageResult:
    """Prints the program and links each line."""
    program = exported.program
    printer = _Printer(exported)
    lines = list(printer.module(program.graph_module, _class_name(exported), 0, True))
    links = LinkBuilder()
    for number, line in enumerate(lines, start=1):
        if line.frames:
            links.link(number, line.frames)
    operations = sum(node.op == "call_function" for node in program.graph.nodes)
    return StageResult(
        text="".join(line.text + "\n" for line in lines),
        links=links.to_json(),
        summary={"ops": operations, "nodes": len(program.graph.nodes)},
    )


def _class_name(exported: Exported) -> str:
    model = exported.call.model
    name = type(model).__name__ if isinstance(model, torch.nn.Module) else ""
    name = name or getattr(model, "__name__", type(model).__name__)
    return name if name.isidentifier() else "Program"


class _Printer:
    def __init__(self, exported: Exported) -> None:
        signature = exported.program.graph_signature
        self._fetch = {
            **{n: f'self.get_parameter("{t}")' for n, t in signature.inputs_to_parameters.items()},
            **{n: f'self.get_buffer("{t}")' for n, t in signature.inputs_to_buffers.items()},
            **{n: f"self.constants[{t!r}]" for n, t in signature.inputs_to_lifted_tensor_constants.items()},
        }
        self._call = exported.call

    def module(self, module: torch.fx.GraphModule, name: str, depth: int, top: bool) -> Iterator[_Line]:
        """A graph module as a class, with the graphs that it calls as classes inside."""
        indent = "    " * depth
        nodes = {node.name: node for node in module.graph.nodes}
        yield _Line(f"{indent}class {name}(torch.nn.Module):", self._call.frames if top else [])
        for child_name, child in module.named_children():
            if isinstance(child, torch.fx.GraphModule):
                yield from self.module(child, child_name, depth + 1, False)
                yield _Line("", [])
        inputs = [
            f"{node.name}{_annotation(node)}"
            for node in nodes.values()
            if node.op == "placeholder" and node.name not in self._fetch
        ]
        frames = self._call.frames if top else []
        yield _Line(f"{indent}    def forward({', '.join(['self', *inputs])}):", frames)
        yield from self._body(module, nodes, indent + "        ")

    def _body(self, module: torch.fx.GraphModule, nodes: dict[str, torch.fx.Node], indent: str) -> Iterator[_Line]:
        fetched: set[str] = set()
        said: list[tuple[str, int]] = []
        for text in _statements(module):
            match = _ASSIGNED.match(text)
            node = nodes.get(match.group(1)) if match else None
            if node is None and text.startswith("return"):
                node = next(node for node in nodes.values() if node.op == "output")
            frames = _frames_of(node)
            users = [(file, line) for file, line, _ in frames if not is_library_file(file)]
            if users != said:
                if said:
                    yield _Line("", [])
                for file, line in reversed(users):
                    yield _Line(indent + _remark(file, line), frames)
                said = users
            for needed in node.all_input_nodes if node else []:
                if needed.name in self._fetch and needed.name not in fetched:
                    fetched.add(needed.name)
                    value = f"{needed.name}{_annotation(needed)} = {self._fetch[needed.name]}"
                    yield _Line(indent + value, frames)
            yield _Line(indent + text, frames)


def _statements(module: torch.fx.GraphModule) -> Iterator[str]:
    """The statements of torch.fx's own code for a graph."""
    source = module.graph.python_code("self", verbose=True).src
    inside = False
    for line in source.splitlines():
        text = line.strip()
        if text.startswith("def forward("):
            inside = True
        elif inside and text and not text.startswith("# "):
            yield _RELEASE.sub("", text)


def _frames_of(node: torch.fx.Node | None) -> list[Frame]:
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


def _remark(file: str, line: int) -> str:
    code = linecache.getline(file, line).strip()
    return f"# {os.path.basename(file)}:{line}  {code}".rstrip()


def _annotation(node: torch.fx.Node) -> str:
    value: Any = node.meta.get("val")
    return f': "{tensor_type(value)}"' if isinstance(value, torch.Tensor) else ""

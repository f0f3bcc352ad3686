"""The exported program as Python code with shapes: the `fx` stage.

Called in the stage's process. Weights are fetched by their qualified names right before
their first use.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import torch
from irlens_worker.artifacts import StageResult

from .dynamic_shapes import rename_symbols, symbol_names
from .export import Exported
from .graph_text import Line, annotation, body, document


def make_fx(exported: Exported) -> StageResult:
    """Prints the program and links each line."""
    program = exported.program
    printer = _Printer(exported)
    lines = list(printer.module(program.graph_module, _class_name(exported), 0, True))
    rename = rename_symbols(symbol_names(program, exported.call))
    # The user's own code stands in comments.
    lines = [line if line.text.lstrip().startswith("#") else replace(line, text=rename(line.text)) for line in lines]
    operations = sum(node.op == "call_function" for node in program.graph.nodes)
    result = document(lines, {"ops": operations})
    result.note = exported.note
    return result


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

    def module(self, module: torch.fx.GraphModule, name: str, depth: int, top: bool) -> Iterator[Line]:
        """A graph module as a class, with the graphs that it calls as classes inside."""
        indent = "    " * depth
        yield Line(f"{indent}class {name}(torch.nn.Module):", self._call.frames if top else [])
        for child_name, child in module.named_children():
            if isinstance(child, torch.fx.GraphModule):
                yield from self.module(child, child_name, depth + 1, False)
                yield Line("")
        inputs = [
            f"{node.name}{annotation(node)}"
            for node in module.graph.nodes
            if node.op == "placeholder" and node.name not in self._fetch
        ]
        frames = self._call.frames if top else []
        yield Line(f"{indent}    def forward({', '.join(['self', *inputs])}):", frames)
        yield from body(module, indent + "        ", self._fetch)

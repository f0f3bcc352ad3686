"""What AOT autograd makes of Dynamo's graphs: the stages `aot-joint`, `aot-forward`, `aot-backward`.

Called in the stages' processes. The joint graph has forward and backward in one; torch.compile's
own partitioner splits it. The graphs are as the compiler behind them gets them: functional,
decomposed by Inductor's table, with shapes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
import torch._inductor.lowering  # its decompositions use it and do not import it
from functorch.compile import make_boxed_func
from irlens_worker.artifacts import StageResult
from torch._dynamo.backends.common import aot_autograd
from torch._functorch.partitioners import min_cut_rematerialization_partition
from torch._inductor.decomposition import select_decomp_table

from ..capture.export import Call
from ..capture.graph_text import Line
from .capture import Compiled, compile_entry, placed
from .graphs import describe_input, finish, graph_class, heading

_NO_GRADIENT = {
    "joint": "nothing requires a gradient: there is a forward graph only (aot-forward)",
    "backward": "nothing requires a gradient: there is no backward graph",
}


@dataclass
class AotGraphs:
    """The three graphs of each graph of Dynamo's, as text, by the id of the frame."""

    compiled: Compiled
    graphs: dict[tuple[str, str], list[tuple[list[Line], int]]] = field(default_factory=dict)

    @property
    def call(self) -> Call:
        return self.compiled.call

    def add(self, kind: str, frame: str, graph: torch.fx.GraphModule, arguments: list[str]) -> None:
        operations = sum(node.op == "call_function" for node in graph.graph.nodes)
        lines = list(graph_class(graph, kind.capitalize(), arguments))
        self.graphs.setdefault((kind, frame), []).append((lines, operations))


def capture_aot(call: Call) -> AotGraphs:
    """Runs the model with AOT autograd as the backend; its graphs are executed as they are."""
    found = AotGraphs(Compiled(call))

    def backend(frame: str, graph: torch.fx.GraphModule, inputs: list[Any]) -> Callable[..., Any]:
        names = [describe_input(node) for node in graph.graph.nodes if node.op == "placeholder"]

        def split(joint: torch.fx.GraphModule, joint_inputs: Any, **options: Any) -> Any:
            found.add("joint", frame, joint, names)
            parts = min_cut_rematerialization_partition(joint, joint_inputs, **options)
            for kind, part in zip(("forward", "backward"), parts, strict=True):
                found.add(kind, frame, part, names)
            return parts

        def infer(forward: torch.fx.GraphModule, examples: list[Any]) -> Callable[..., Any]:
            found.add("forward", frame, forward, names)
            return _as_it_is(forward, examples)

        run = aot_autograd(
            fw_compiler=_as_it_is,
            bw_compiler=_as_it_is,
            inference_compiler=infer,
            partition_fn=split,
            decompositions=select_decomp_table,
        )
        return run(graph, inputs)

    found.compiled = compile_entry(call, backend)
    return found


def make_aot(kind: str, found: AotGraphs) -> StageResult:
    """The document of one kind: joint, forward or backward."""
    lines: list[Line] = []
    operations = 0
    frames = [frame for frame in found.compiled.in_order() if ("forward", frame.id) in found.graphs]
    for frame in frames:
        lines += heading(frame)
        graphs = found.graphs.get((kind, frame.id), [])
        for text, count in graphs:
            lines += text
            operations += count
        if not graphs:
            lines.append(Line(f"# {_NO_GRADIENT[kind]}"))
        lines.append(Line(""))
    lines = lines or [Line("# torch.compile found nothing to compile")]
    return finish(found.compiled, lines, {"ops": operations}, [])


def _as_it_is(graph: torch.fx.GraphModule, _: list[Any]) -> Callable[..., Any]:
    return make_boxed_func(placed(graph))

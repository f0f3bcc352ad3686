"""What eager PyTorch makes of an entry's inputs, for those who run the compiled program.

Called in the process of the `reference` stage. Beside the document it leaves a file with all
values: the arguments of the compiled `main` in order, the weights under the names that they
have as symbols, and the results that are expected. The step `execute` of irlens-mlir reads it.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

import torch
from irlens_worker.artifacts import StageResult
from irlens_worker.protocol import Diagnostic, Frame
from irlens_worker.provider import Context, StageFailed
from torch.export.graph_signature import ConstantArgument, InputKind, OutputKind, OutputSpec
from torch.utils import _pytree as pytree

from ..capture.export import Call, Exported, as_module
from ..capture.signature import tensor_type
from ..capture.stack_traces import parse_stack_trace
from ..lower.decompositions import decompose
from ..lower.importer import import_decomposed
from .safetensors import dtype_name, serialize

_FIRST_VALUES = 8


@dataclass
class _Result:
    """One result of `main`: its value in eager mode, and where in the program it stems from."""

    name: str
    value: torch.Tensor
    random: bool
    frames: list[Frame]


def make_reference(exported: Exported, context: Context) -> StageResult:
    """Runs the model. Raises StageFailed, or what the user's code raises."""
    program = decompose(exported.program)
    specs = [spec for spec in program.graph_signature.output_specs if not isinstance(spec.arg, ConstantArgument)]
    positions = _user_positions(program)
    random = _random_nodes(program.graph)
    frames = {node.name: parse_stack_trace(node.meta.get("stack_trace")) for node in program.graph.nodes}
    # The import changes the program, hence last.
    weights = _named_weights(program, exported, context.literal_limit)
    _check_values({**weights, **_buffers(exported.call)})

    # Running the model may write into these.
    arguments = [_as_tensor(value).clone() for value in _arguments(exported)]
    weights = {name: tensor.detach().clone() for name, tensor in weights.items()}
    leaves, inputs, milliseconds = _run(exported, context.seed)
    values = [_value(spec, exported, leaves, inputs, positions) for spec in specs]
    results = [
        _Result(
            spec.arg.name,
            _as_tensor(value),
            spec.arg.name in random,
            frames.get(spec.arg.name) or exported.call.frames,
        )
        for spec, value in zip(specs, values, strict=True)
    ]
    metadata = {
        "eager_ms": round(milliseconds, 3),
        "results": [
            {"name": item.name, "random": item.random, "frames": [list(frame) for frame in item.frames]}
            for item in results
        ],
    }
    tensors = {
        **{f"argument.{index}": tensor for index, tensor in enumerate(arguments)},
        **{f"weight.{name}": tensor for name, tensor in weights.items()},
        **{f"result.{index}": item.value for index, item in enumerate(results)},
    }
    _check_types(tensors)
    return StageResult(
        text=_document(arguments, weights, results, milliseconds),
        attachments={"safetensors": serialize(tensors, {"irlens": json.dumps(metadata)})},
    )


def _named_weights(program: torch.export.ExportedProgram, exported: Exported, limit: int) -> dict[str, torch.Tensor]:
    """The tensors that the IR only names. None when there is no IR: the result is of use even so."""
    try:
        return import_decomposed(program, exported.call, "names", limit)[1]
    except StageFailed:
        return {}


def _user_positions(program: torch.export.ExportedProgram) -> dict[int, int]:
    """For each user output's spec its place among the leaves that the model returns."""
    user = [spec for spec in program.graph_signature.output_specs if spec.kind == OutputKind.USER_OUTPUT]
    return {id(spec): index for index, spec in enumerate(user)}


def _random_nodes(graph: torch.fx.Graph) -> set[str]:
    """Names of the nodes whose value depends on a random number."""
    found: set[str] = set()
    for node in graph.nodes:
        if _draws(node) or any(source.name in found for source in node.all_input_nodes):
            found.add(node.name)
    return found


def _draws(node: torch.fx.Node) -> bool:
    if torch.Tag.nondeterministic_seeded in getattr(node.target, "tags", ()):
        return True
    if node.op != "get_attr":
        return False
    inner = getattr(node.graph.owning_module, str(node.target), None)  # a branch of torch.cond
    return isinstance(inner, torch.fx.GraphModule) and any(_draws(each) for each in inner.graph.nodes)


def _arguments(exported: Exported) -> list[Any]:
    """What `main` is called with: the leaves of the inputs that it has not taken as constants."""
    return [value for spec, value in _inputs(exported) if not isinstance(spec, ConstantArgument)]


def _inputs(exported: Exported) -> list[tuple[Any, Any]]:
    call, program = exported.call, exported.program
    values = program._get_flat_args_with_check(call.args, call.kwargs)[0]
    specs = [spec.arg for spec in program.graph_signature.input_specs if spec.kind == InputKind.USER_INPUT]
    return list(zip(specs, values, strict=True))


def _run(exported: Exported, seed: int) -> tuple[list[Any], dict[str, Any], float]:
    """The leaves of what the model returns, its inputs afterwards, and the time it took."""
    call = exported.call
    inputs = {getattr(spec, "name", ""): value for spec, value in _inputs(exported)}
    torch.manual_seed(seed)
    begin = time.perf_counter()
    output = call.model(*call.args, **call.kwargs)
    milliseconds = (time.perf_counter() - begin) * 1000
    return pytree.tree_leaves(output), inputs, milliseconds


def _value(
    spec: OutputSpec, exported: Exported, leaves: list[Any], inputs: dict[str, Any], positions: dict[int, int]
) -> Any:
    """A result's value in eager mode."""
    if spec.kind == OutputKind.USER_OUTPUT:
        position = positions[id(spec)]
        if position >= len(leaves):
            raise StageFailed([Diagnostic(f"the model returned {len(leaves)} values and not {position + 1} or more")])
        return leaves[position]
    if spec.kind == OutputKind.BUFFER_MUTATION:
        return _buffers(exported.call)[str(spec.target)]
    if spec.kind == OutputKind.USER_INPUT_MUTATION:
        return inputs[str(spec.target)]
    raise StageFailed([Diagnostic(f"no value is known for a result of kind {spec.kind.name}")])


def _buffers(call: Call) -> dict[str, torch.Tensor]:
    return dict(as_module(call.model).named_buffers(remove_duplicate=False))


def _as_tensor(value: Any) -> torch.Tensor:
    """Numbers have the types that the compiled program gives them."""
    if isinstance(value, torch.Tensor):
        return value.detach()
    return torch.tensor(value, dtype=torch.float64 if isinstance(value, float) else None)


def _check_values(weights: dict[str, torch.Tensor]) -> None:
    if any(tensor.device.type == "meta" for tensor in weights.values()):
        text = "the model is on the meta device: without values of its weights it cannot run"
        raise StageFailed([Diagnostic(text, severity="info")], status="unavailable")


def _check_types(tensors: dict[str, torch.Tensor]) -> None:
    for name, tensor in tensors.items():
        if dtype_name(tensor.dtype) is None or tensor.layout != torch.strided:
            raise StageFailed([Diagnostic(f"{name} cannot be stored: {tensor.dtype}, {tensor.layout}")])


def _document(
    arguments: list[torch.Tensor], weights: dict[str, torch.Tensor], results: list[_Result], milliseconds: float
) -> str:
    rows = [(f"argument {index}", tensor) for index, tensor in enumerate(arguments)]
    rows += [(f"result {index} ({item.name})", item.value) for index, item in enumerate(results)]
    rows += list(weights.items())
    name_width = max((len(name) for name, _ in rows), default=0)
    type_width = max((len(tensor_type(tensor)) for _, tensor in rows), default=0)
    lines = [f"eager PyTorch, {milliseconds:.3g} ms", ""]
    lines += [f"{name:<{name_width}}  {tensor_type(tensor):<{type_width}}  {_glance(tensor)}" for name, tensor in rows]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _glance(tensor: torch.Tensor) -> str:
    """A tensor's first values, as torch prints them."""
    first = tensor.detach().flatten()[:_FIRST_VALUES].cpu()
    text = " ".join(f"{value:.6g}" if isinstance(value, float) else str(value) for value in first.tolist())
    return text + (" ..." if tensor.numel() > _FIRST_VALUES else "")

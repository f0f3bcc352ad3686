"""From an exported program to the raw torch dialect, with true locations and no weights.

Called in the process of the `torch` stage. One import serves all stages that follow.
"""

from __future__ import annotations

import contextlib
import re
from typing import Any

import torch
from irlens_worker.protocol import Diagnostic
from irlens_worker.provider import StageFailed
from torch.export.graph_signature import ConstantArgument
from torch.utils._python_dispatch import _disable_current_modes
from torch_mlir import ir
from torch_mlir.dialects import torch as torch_dialect
from torch_mlir.extras import fx_importer

from .decompositions import decompose
from .export import Exported
from .stack_traces import parse_stack_trace

_INLINE_TYPES = (torch.float32, torch.float64, torch.float16, torch.int64, torch.int32, torch.int8)


def new_context() -> ir.Context:
    """A context with the torch dialect that starts no threads."""
    context = ir.Context()
    context.enable_multithreading(False)
    torch_dialect.register_dialect(context)
    return context


class _Locations(fx_importer.ContextCache):
    """Gives each node the whole call chain, and never the location of another line."""

    # The node that is being imported, for errors.
    last: torch.fx.Node | None = None

    def get_node_location(self, node: torch.fx.Node) -> ir.Location:
        self.last = node
        frames = parse_stack_trace(node.meta.get("stack_trace"))
        if not frames and node.op in ("placeholder", "get_attr"):
            frames = _frames_of_users(node)
        return location(self._c, frames)


def location(context: ir.Context, frames: list[tuple[str, int, int]]) -> ir.Location:
    """A location for a call chain, innermost frame first."""
    if not frames:
        return ir.Location.unknown(context)
    places = [ir.Location.file(file, line, column, context) for file, line, column in frames]
    if len(places) == 1:
        return places[0]
    return ir.Location.callsite(places[0], places[1:], context=context)


def _frames_of_users(node: torch.fx.Node) -> list[tuple[str, int, int]]:
    for user in node.users:
        frames = parse_stack_trace(user.meta.get("stack_trace"))
        if frames:
            return frames
    return []


class _WeightNames(fx_importer.FxImporterHooks):
    """Turns literals above a few elements into named resources without data."""

    def __init__(self, names: dict[int, str], limit: int) -> None:
        self._names = names
        self._limit = limit
        self._taken: dict[str, int] = {}

    def resolve_literal(self, gni: Any, literal: Any, info: Any) -> Any:
        if not isinstance(literal, torch.Tensor):
            return None
        if literal.numel() <= self._limit and literal.device.type != "meta":
            return _inline_literal(gni, literal)
        original = getattr(gni, "irlens_original", None)
        key = id(original if original is not None else literal)
        name = self._unique(self._names.get(key, "constant"), key)
        shape = "x".join([str(size) for size in literal.shape])
        element = fx_importer.TORCH_DTYPE_TO_MLIR_TYPE[literal.dtype]()
        kind = f"tensor<{shape}x{element}>" if shape else f"tensor<{element}>"
        value = ir.Attribute.parse(f"dense_resource<{name}> : {kind}")
        result = gni._cc.tensor_to_vtensor_type(literal)
        return ir.Operation.create(
            "torch.vtensor.literal", results=[result], attributes={"value": value}
        ).result

    def _unique(self, wanted: str, key: int) -> str:
        name, number = wanted, 1
        while self._taken.setdefault(name, key) != key:
            number += 1
            name = f"{wanted}_{number}"
        return name


def _inline_literal(gni: Any, literal: torch.Tensor) -> Any:
    """A literal whose values stand in the text, None for types that numpy does not know."""
    if literal.dtype not in _INLINE_TYPES:
        return None
    with torch.no_grad(), _disable_current_modes():
        array = literal.detach().cpu().contiguous().numpy()
    element = fx_importer.TORCH_DTYPE_TO_MLIR_TYPE[literal.dtype]()
    value = ir.DenseElementsAttr.get(array, type=element, shape=list(literal.shape))
    result = gni._cc.tensor_to_vtensor_type(literal)
    return ir.Operation.create("torch.vtensor.literal", results=[result], attributes={"value": value}).result


class _NodeImporter(fx_importer.GraphNodeImporter):
    """Remembers a literal's own tensor, under which it has a name, and where it is used."""

    def _import_literal(self, py_value: Any, info: Any = None) -> Any:
        self.irlens_original = py_value
        if info is None or not getattr(info, "node", None):
            return super()._import_literal(py_value, info)
        with self._cc.get_node_location(info.node):
            return super()._import_literal(py_value, info)


def import_program(exported: Exported, weights: str, literal_limit: int) -> ir.Module:
    """Imports the program. Raises what the importer raises for what it does not know."""
    program = decompose(exported.program)
    context = new_context()
    tensors = {**program.constants, **program.state_dict}
    names = {
        id(tensor): _resource_name(name)
        for name, tensor in tensors.items()
        if isinstance(tensor, torch.Tensor)
    }
    limit = literal_limit if weights == "names" else 1 << 62
    importer = fx_importer.FxImporter(
        context=context,
        config_check=False,
        hooks=_WeightNames(names, limit),
        graph_node_importer_cls=_NodeImporter,
    )
    importer._cc = _Locations(context, py_attr_tracker=importer._py_attr_tracker)
    try:
        _import(importer, program)
    except (NotImplementedError, TypeError, ValueError, KeyError, AssertionError) as error:
        raise StageFailed([_import_error(error, importer._cc.last)]) from error
    _place_functions(importer.module, exported)
    return importer.module


def _import(importer: fx_importer.FxImporter, program: torch.export.ExportedProgram) -> None:
    signature = program.graph_signature
    if signature.buffers_to_mutate or signature.user_inputs_to_mutate:
        # What the program stores becomes further results.
        for name in signature.inputs_to_buffers.values():
            if name in program.constants:
                program.state_dict.setdefault(name, program.constants[name])
        importer.import_frozen_program(program)
        return
    # A result that is a constant of Python's (None, 3) is not computed, and most dialects
    # cannot return it.
    signature.output_specs[:] = [
        spec for spec in signature.output_specs if not isinstance(spec.arg, ConstantArgument)
    ]
    importer.import_program(program)


def _import_error(error: Exception, node: torch.fx.Node | None) -> Diagnostic:
    """What the importer cannot do, on the line of the node that it was at."""
    text = str(error) or type(error).__name__
    if node is None:
        return Diagnostic(text)
    frames = parse_stack_trace(node.meta.get("stack_trace"))
    return Diagnostic(f"{node.target}: {text}", frames, op=str(node.target))


def _resource_name(qualified: str) -> str:
    name = re.sub(r"[^A-Za-z0-9_.$]", "_", qualified)
    return name if re.match(r"[A-Za-z_]", name) else f"p_{name}"


def _place_functions(module: ir.Module, exported: Exported) -> None:
    """The functions stand where the model is called, a return where its value is made."""
    with contextlib.suppress(AttributeError):
        frames = exported.call.frames
        for operation in module.body.operations:
            if frames and "main" in str(operation.attributes["sym_name"]):
                operation.operation.location = location(module.context, frames)

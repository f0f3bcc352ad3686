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
from torch._subclasses.fake_tensor import FakeTensor
from torch.export.graph_signature import ConstantArgument
from torch.utils._python_dispatch import _disable_current_modes
from torch_mlir import ir
from torch_mlir.dialects import torch as torch_dialect
from torch_mlir.extras import fx_importer

from ..capture.export import Call
from ..capture.stack_traces import parse_stack_trace
from .decompositions import decompose
from .merged_dimensions import flatten_merged_dimensions
from .replacements import Table

_NUMPY_TYPES = (
    torch.float64,
    torch.float32,
    torch.float16,
    torch.int64,
    torch.int32,
    torch.int16,
    torch.int8,
    torch.uint8,
)


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


class _Weights(fx_importer.FxImporterHooks):
    """Names the literals above a few elements, with or without their data.

    A name without data is a `dense_resource` that nobody defines: passes carry it along, and
    a model of any size stays a short text. Smaller literals stand in the text as values.
    """

    def __init__(self, names: dict[int, str], limit: int, with_data: bool) -> None:
        self._names = names
        # A resource of rank 0 makes some passes crash.
        self._limit = max(1, limit)
        self._with_data = with_data
        # Every literal that has a name.
        self.named: dict[str, torch.Tensor] = {}

    def resolve_literal(self, gni: Any, literal: Any, info: Any) -> Any:
        """The value of a literal; None lets the importer do what it usually does."""
        if not isinstance(literal, torch.Tensor):
            return None
        original = getattr(gni, "irlens_original", literal)
        element = fx_importer.TORCH_DTYPE_TO_MLIR_TYPE[literal.dtype]()
        has_data = literal.device.type != "meta" and not isinstance(literal, FakeTensor)
        is_small = has_data and literal.numel() <= self._limit
        value = _inline_value(literal, element) if is_small else None
        if value is None:
            name = self._unique(self._names.get(id(original), "constant"), original)
            tensor_type = ir.RankedTensorType.get(list(literal.shape), element)
            if is_small or (self._with_data and has_data):
                data = _array(literal.view(torch.int16) if literal.dtype == torch.bfloat16 else literal)
                value = ir.DenseResourceElementsAttr.get_from_buffer(data, name, tensor_type)
            else:
                value = ir.Attribute.parse(f"dense_resource<{name}> : {tensor_type}")
        result = gni._cc.tensor_to_vtensor_type(literal)
        return ir.Operation.create("torch.vtensor.literal", results=[result], attributes={"value": value}).result

    def _unique(self, wanted: str, tensor: torch.Tensor) -> str:
        name, number = wanted, 1
        while self.named.setdefault(name, tensor) is not tensor:
            number += 1
            name = f"{wanted}_{number}"
        return name


def _inline_value(literal: torch.Tensor, element: ir.Type) -> Any:
    """The attribute with a literal's values; None for types that have no simple text."""
    if literal.dtype in _NUMPY_TYPES:
        return ir.DenseElementsAttr.get(_array(literal), type=element, shape=list(literal.shape))
    if literal.dtype != torch.bfloat16 or not literal.isfinite().all():
        return None
    values = _array(literal.float()).tolist()
    return ir.Attribute.parse(f"dense<{values}> : {ir.RankedTensorType.get(list(literal.shape), element)}")


def _array(tensor: torch.Tensor) -> Any:
    """A tensor's data as numpy sees it; importing happens among fake tensors."""
    with torch.no_grad(), _disable_current_modes():
        return tensor.detach().cpu().contiguous().numpy()


class _NodeImporter(fx_importer.GraphNodeImporter):
    """Remembers a literal's own tensor, under which it has a name, and where it is used."""

    def _import_literal(self, py_value: Any, info: Any = None) -> Any:
        self.irlens_original = py_value
        if info is None or not getattr(info, "node", None):
            return super()._import_literal(py_value, info)
        with self._cc.get_node_location(info.node):
            return super()._import_literal(py_value, info)

    def _import_hop_cond(self, loc: ir.Location, node: torch.fx.Node, hop: Any) -> None:
        """torch.cond, which torch-mlir's importer lacks: `torch.prim.If` with a call per branch."""
        predicate, *branches = node.args[:3]
        values = [self._import_argument(loc, operand) for operand in _operands_of(node)]
        types = [self._cc.value_info_to_type(value) for value in node.meta["val"]]
        condition = self._import_argument(loc, predicate)
        if condition.type != self._cc.torch_bool_type:
            condition = ir.Operation.create(
                "torch.aten.Bool.Tensor", results=[self._cc.torch_bool_type], operands=[condition], loc=loc
            ).result
        choice = ir.Operation.create("torch.prim.If", results=types, operands=[condition], regions=2, loc=loc)
        for region, branch in zip(choice.regions, branches, strict=True):
            module = getattr(node.graph.owning_module, str(branch.target))
            name = self.fx_importer._graph_module_to_func_name[id(module)]
            with loc:
                block = ir.Block.create_at_start(region, [])
            with ir.InsertionPoint(block), loc:
                callee = {"callee": ir.FlatSymbolRefAttr.get(name)}
                call = ir.Operation.create("func.call", attributes=callee, results=types, operands=values)
                ir.Operation.create("torch.prim.If.yield", operands=list(call.results))
        self._multi_result_nodes.add(node)
        for number, value in enumerate(choice.results):
            self.bind_node_value(node, value, number)


def _operands_of(node: torch.fx.Node) -> tuple[Any, ...]:
    operands = node.args[3] if len(node.args) > 3 else node.kwargs.get("operands", ())
    assert isinstance(operands, (tuple, list))
    return tuple(operands)


def import_program(
    program: torch.export.ExportedProgram, call: Call, weights: str, literal_limit: int, further: Table | None = None
) -> ir.Module:
    """Imports the program, some of its operators replaced. Raises StageFailed."""
    return import_decomposed(decompose(program, further), call, weights, literal_limit)[0]


def import_decomposed(
    program: torch.export.ExportedProgram, call: Call, weights: str, literal_limit: int
) -> tuple[ir.Module, dict[str, torch.Tensor]]:
    """The module, and the tensors that it only names, by that name. Raises StageFailed."""
    context = new_context()
    tensors = {**program.constants, **program.state_dict}
    names = {id(tensor): _resource_name(name) for name, tensor in tensors.items() if isinstance(tensor, torch.Tensor)}
    hooks = _Weights(names, literal_limit, weights == "values")
    importer = fx_importer.FxImporter(
        context=context,
        config_check=False,
        hooks=hooks,
        graph_node_importer_cls=_NodeImporter,
    )
    importer._cc = _Locations(context, py_attr_tracker=importer._py_attr_tracker)
    if program.range_constraints:
        flatten_merged_dimensions(program)
    try:
        _import(importer, program)
    except (NotImplementedError, TypeError, ValueError, KeyError, AssertionError) as error:
        raise StageFailed([_import_error(error, importer._cc.last)]) from error
    _place_functions(importer.module, call)
    return importer.module, hooks.named


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
    signature.output_specs[:] = [spec for spec in signature.output_specs if not isinstance(spec.arg, ConstantArgument)]
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


def _place_functions(module: ir.Module, call: Call) -> None:
    """The functions stand where the model is called, a return where its value is made."""
    with contextlib.suppress(AttributeError):
        frames = call.frames
        for operation in module.body.operations:
            if frames and "main" in str(operation.attributes["sym_name"]):
                operation.operation.location = location(module.context, frames)

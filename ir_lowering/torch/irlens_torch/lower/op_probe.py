"""Takes single operations out of a torch module, each as a module of its own.

Used to ask of each operation alone whether a pipeline can lower it (explain.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from irlens_worker.protocol import Frame
from torch_mlir import ir
from torch_mlir.dialects import func

from .mlir_locations import location_frames

# What an operation needs beside it to mean the same: constants, and lists of values.
_COPIED = re.compile(r"torch\.(constant\.\w+|prim\.ListConstruct|derefine|vtensor\.literal)$")
_IGNORED = re.compile(
    r"torch\.(prim\.(ListUnpack|TupleUnpack|TupleIndex|If\.yield|Loop\.condition)|initialize\.)|func\.|builtin\."
)
_PASSED = re.compile(r"!torch\.(vtensor<.*>|int|float|bool)$")


@dataclass
class Probe:
    """One kind of operation: the same name, types and constant operands."""

    name: str
    module: ir.Module
    places: list[list[Frame]] = field(default_factory=list)


def collect_probes(module: ir.Module) -> list[Probe]:
    """The distinct operations of a module, in order, each with all places where it occurs."""
    operations: list[Any] = []

    def visit(operation: Any) -> Any:
        # The generated classes may hide `name` behind an attribute of that name.
        operations.append(operation.operation)
        return ir.WalkResult.ADVANCE

    module.operation.walk(visit)
    probes: dict[str, Probe] = {}
    for operation in operations:
        single = _single(operation) if _is_probed(operation) else None
        if single is not None:
            probe = probes.setdefault(str(single), Probe(operation_name(operation), single))
            probe.places.append(location_frames(operation.location))
    return list(probes.values())


def operation_name(operation: Any) -> str:
    """The name; for an operation that torch-mlir does not know, that of torch's own."""
    if operation.name == "torch.operator":
        return str(ir.StringAttr(operation.attributes["name"]).value)
    return str(operation.name)


def _is_probed(operation: Any) -> bool:
    name = operation.name
    if not name.startswith("torch.") or _COPIED.match(name) or _IGNORED.match(name):
        return False
    if any(len(region.blocks) for region in operation.regions):
        return False
    return all(_PASSED.match(str(result.type)) for result in operation.results)


def _single(operation: Any) -> ir.Module | None:
    """A module with one function that does this operation only; None if that cannot be."""
    with ir.Location.unknown(operation.context):
        module = ir.Module.create()
        inputs: list[Any] = []
        _gather_inputs(operation, inputs)
        if not all(_PASSED.match(str(value.type)) for value in inputs):
            return None
        results = [result.type for result in operation.results]
        with ir.InsertionPoint(module.body):
            function = func.FuncOp("main", ([value.type for value in inputs], results))
            block = function.add_entry_block()
        copies = {_key(value): block.arguments[index] for index, value in enumerate(inputs)}
        with ir.InsertionPoint(block):
            copy = _copy(operation, copies)
            func.ReturnOp(list(copy.results))
    return module


def _key(value: Any) -> tuple[int, int]:
    owner = value.owner
    if isinstance(owner, ir.Block):
        return -1, ir.BlockArgument(value).arg_number
    return hash(owner.operation), ir.OpResult(value).result_number


def _definition(value: Any) -> Any:
    """The operation that belongs to whatever uses the value, None if it becomes an input."""
    if isinstance(value.owner, ir.Block):
        return None
    owner = value.owner.operation
    return owner if _COPIED.match(owner.name) else None


def _gather_inputs(operation: Any, inputs: list[Any]) -> None:
    for value in operation.operands:
        definition = _definition(value)
        if definition is not None:
            _gather_inputs(definition, inputs)
        elif all(_key(value) != _key(known) for known in inputs):
            inputs.append(value)


def _copy(operation: Any, copies: dict[tuple[int, int], Any]) -> Any:
    operands = []
    for value in operation.operands:
        key = _key(value)
        if key not in copies:
            definition = _definition(value)
            copies[key] = _copy(definition, copies).results[ir.OpResult(value).result_number]
        operands.append(copies[key])
    copy = operation.clone().operation
    for index, value in enumerate(operands):
        copy.operands[index] = value
    return copy

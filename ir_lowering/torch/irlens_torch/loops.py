"""Refuses loops that torch-mlir would lower to code that never ends.

Its conversion to linalg takes a loop whose first test is known to succeed for one that
counts to its limit, forgets the test at its end, and so makes an endless loop of every
`while_loop` with a constant start. Called before that conversion; retry.py may then unroll.
"""

from __future__ import annotations

from typing import Any

from irlens_worker.protocol import Diagnostic
from irlens_worker.provider import StageFailed
from torch_mlir import ir

from .mlir_locations import location_frames

_MESSAGE = "torch.while_loop whose condition holds at first, whatever the inputs are, and later depends on them"


def refuse_endless_loops(module: ir.Module) -> None:
    """Raises StageFailed at the first such loop."""
    found: list[Any] = []

    def visit(operation: Any) -> Any:
        operation = operation.operation
        if operation.name == "torch.prim.Loop" and _is_known(operation.operands[1]):
            condition = operation.regions[0].blocks[0].operations
            if not _is_known(list(condition)[-1].operation.operands[0]):
                found.append(operation)
        return ir.WalkResult.ADVANCE

    module.operation.walk(visit)
    if found:
        frames = location_frames(found[0].location)
        raise StageFailed([Diagnostic(f"{_MESSAGE}: torch-mlir would make it endless", frames, op="torch.prim.Loop")])


def _is_known(value: Any) -> bool:
    """True for a constant, also for one that is taken out of a constant tensor."""
    owner = value.owner
    if isinstance(owner, ir.Block):
        return False
    name = owner.operation.name
    if name == "torch.aten.Bool.Tensor":
        return _is_known(owner.operation.operands[0])
    return bool(name in ("torch.constant.bool", "torch.vtensor.literal"))

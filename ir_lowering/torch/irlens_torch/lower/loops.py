"""Keeps loops from becoming endless on the way to linalg.

torch-mlir's conversion takes a loop whose first test is known to succeed for one that
counts to its limit, forgets the test at its end, and so makes an endless loop of each
`while_loop` with a constant start. Such a first test is written so that torch-mlir does not
see through it. Called before the pipeline that ends in linalg.
"""

from __future__ import annotations

from typing import Any

from torch_mlir import ir

_TRUE = ("true", "dense<true> : tensor<i1>")


def hide_first_tests(module: ir.Module) -> None:
    """Rewrites the first test of each loop whose later tests are not known."""
    found: list[Any] = []

    def visit(operation: Any) -> Any:
        if operation.operation.name == "torch.prim.Loop":
            found.append(operation.operation)
        return ir.WalkResult.ADVANCE

    module.operation.walk(visit)
    for loop in found:
        *_, last = loop.regions[0].blocks[0].operations
        if _is_true(loop.operands[1]) and not _is_true(last.operation.operands[0]):
            with ir.InsertionPoint(loop), loop.location, module.context:
                hidden = _not_false()
            loop.operands[1] = hidden


def _not_false() -> Any:
    """True, by an operation that torch-mlir does not compute itself."""
    tensor = ir.Type.parse("!torch.vtensor<[],i1>")
    value = ir.Attribute.parse("dense<false> : tensor<i1>")
    no = ir.Operation.create("torch.vtensor.literal", results=[tensor], attributes={"value": value})
    yes = ir.Operation.create("torch.aten.logical_not", results=[tensor], operands=[no.result])
    return ir.Operation.create(
        "torch.aten.Bool.Tensor", results=[ir.Type.parse("!torch.bool")], operands=[yes.result]
    ).result


def _is_true(value: Any) -> bool:
    """For a constant that is true, also for one that is taken out of a constant tensor."""
    owner = value.owner
    if isinstance(owner, ir.Block):
        return False
    operation = owner.operation
    if operation.name == "torch.aten.Bool.Tensor":
        return _is_true(operation.operands[0])
    return (
        operation.name in ("torch.constant.bool", "torch.vtensor.literal")
        and str(operation.attributes["value"]) in _TRUE
    )

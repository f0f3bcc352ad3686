"""Rewrites torch-mlir's own tensor operations (scan, scatter, sort) to loops on tensors.

`tm_tensor` is a dialect that only torch-mlir knows: its linalg could be read neither by
irlens-mlir nor by anybody's mlir-opt. The loops do what torch-mlir's own lowering of these
operations to loops on memrefs does. Called after each pipeline, in the process of a stage.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from torch_mlir import ir
from torch_mlir.dialects import arith, scf, tensor

# A loop's body: from the induction variables and the tensors so far to the tensors after.
Body = Callable[[list[Any], list[Any]], list[Any]]


def rewrite_tensor_operations(module: ir.Module) -> None:
    """Replaces the operations that have a rewriting; others stay."""
    found: list[Any] = []

    def visit(operation: Any) -> Any:
        if operation.operation.name in _REWRITINGS:
            found.append(operation.operation)
        return ir.WalkResult.ADVANCE

    module.operation.walk(visit)
    for operation in found:
        with operation.location, ir.InsertionPoint(operation):
            results = _REWRITINGS[operation.name](operation)
        for old, new in zip(operation.results, results, strict=True):
            old.replace_all_uses_with(new)
        operation.erase()


def _scan(operation: Any) -> list[Any]:
    """Each element from the one before it; the accumulator ends as the last one."""
    source, result, accumulator = operation.operands
    dimension = _integer(operation, "dimension")
    inclusive = bool(ir.BoolAttr(operation.attributes["inclusive"]).value)

    def body(at: list[Any], tensors: list[Any]) -> list[Any]:
        result, accumulator = tensors
        others = at[:dimension] + at[dimension + 1 :]
        first = arith.cmpi(arith.CmpIPredicate.eq, at[dimension], _index(0))
        # At the first element what stands before it is never used.
        previous = arith.select(first, _index(0), arith.subi(at[dimension], _index(1)))
        before = [*at[:dimension], previous, *at[dimension + 1 :]]
        start = tensor.extract(source, at) if inclusive else tensor.extract(accumulator, others)
        new = tensor.extract(source, at if inclusive else before)
        [combined] = _inline(operation, [tensor.extract(result, before), new])
        value = arith.select(first, start, combined)
        return [tensor.insert(value, result, at), tensor.insert(value, accumulator, others)]

    return _loops(_sizes(source), [result, accumulator], body)


def _scatter(operation: Any) -> list[Any]:
    """Each update goes to where its index says, combined with what is there."""
    updates, indices, original = operation.operands
    places = list(ir.DenseI64ArrayAttr(operation.attributes["dimension_map"]))
    rank = ir.RankedTensorType(original.type).rank

    def body(at: list[Any], tensors: list[Any]) -> list[Any]:
        window = at[1:]
        target: list[Any] = [None] * (rank - len(window)) + window
        for number, dimension in enumerate(places):
            index = _as_index(tensor.extract(indices, [at[0], _index(number)]))
            known = target[dimension]
            target[dimension] = index if known is None else arith.addi(index, known)
        [value] = _inline(operation, [tensor.extract(updates, at), tensor.extract(tensors[0], target)])
        return [tensor.insert(value, tensors[0], target)]

    return _loops(_sizes(updates), [original], body)


def _sort(operation: Any) -> list[Any]:
    """Neighbours that are not in order change places, again and again; equal ones stay."""
    tensors = list(operation.operands)
    dimension = _integer(operation, "dimension")
    sizes = _sizes(tensors[0])
    # One round less than there are elements, and as many pairs of neighbours.
    pairs = arith.maxsi(arith.subi(sizes[dimension], _index(1)), _index(0))
    bounds = sizes[:dimension] + sizes[dimension + 1 :] + [pairs, pairs]

    def body(at: list[Any], tensors: list[Any]) -> list[Any]:
        outer, here = at[:-2], at[-1]
        left = [*outer[:dimension], here, *outer[dimension:]]
        right = [*outer[:dimension], arith.addi(here, _index(1)), *outer[dimension:]]
        values = [(tensor.extract(each, left), tensor.extract(each, right)) for each in tensors]
        [ordered] = _inline(operation, [value for pair in values for value in pair])
        after = []
        for each, (first, second) in zip(tensors, values, strict=True):
            once = tensor.insert(arith.select(ordered, first, second), each, left)
            after.append(tensor.insert(arith.select(ordered, second, first), once, right))
        return after

    return _loops(bounds, tensors, body)


_REWRITINGS: dict[str, Callable[[Any], list[Any]]] = {
    "tm_tensor.scan": _scan,
    "tm_tensor.scatter": _scatter,
    "tm_tensor.sort": _sort,
}


def _loops(bounds: Sequence[Any], tensors: Sequence[Any], body: Body) -> list[Any]:
    """A nest of loops from 0, the first bound outermost, that carries the tensors."""

    def nest(depth: int, at: list[Any], carried: list[Any]) -> list[Any]:
        if depth == len(bounds):
            return body(at, carried)
        loop = scf.ForOp(_index(0), bounds[depth], _index(1), carried)
        with ir.InsertionPoint(loop.body):
            inner = nest(depth + 1, [*at, loop.induction_variable], list(loop.inner_iter_args))
            scf.yield_(inner)
        return list(loop.results)

    return nest(0, [], list(tensors))


def _inline(operation: Any, arguments: list[Any]) -> list[Any]:
    """Copies the operation's region to here; returns what it yields."""
    block = operation.regions[0].blocks[0]
    values: dict[Any, Any] = dict(zip(map(_key, block.arguments), arguments, strict=True))
    *body, terminator = block.operations
    for inner in body:
        copy = inner.operation.clone()
        for number, operand in enumerate(inner.operands):
            copy.operands[number] = values.get(_key(operand), operand)
        values.update(zip(map(_key, inner.results), copy.operation.results, strict=True))
    return [values.get(_key(value), value) for value in terminator.operands]


def _key(value: Any) -> Any:
    owner = value.owner
    if isinstance(owner, ir.Block):
        return "argument", ir.BlockArgument(value).arg_number, hash(owner.owner.operation)
    return "result", ir.OpResult(value).result_number, hash(owner.operation)


def _integer(operation: Any, name: str) -> int:
    return int(ir.IntegerAttr(operation.attributes[name]).value)


def _index(value: int) -> Any:
    return arith.constant(ir.IndexType.get(), value)


def _as_index(value: Any) -> Any:
    return arith.index_cast(ir.IndexType.get(), value)


def _sizes(value: Any) -> list[Any]:
    shaped = ir.RankedTensorType(value.type)
    return [
        tensor.dim(value, _index(number)) if shaped.is_dynamic_dim(number) else _index(size)
        for number, size in enumerate(shaped.shape)
    ]

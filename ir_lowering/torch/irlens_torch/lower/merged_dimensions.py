"""Merges dimensions of unknown size by flatten, where a view would do it.

torch-mlir lowers a view from [batch, length, 8] to [batch * length, 8] to linalg as if one of
the unknown sizes were 1, which computes something else; flatten.using_ints it lowers rightly.
Called on each import of a program with dynamic dimensions, in the processes of the stages.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy
import torch

_VIEWS = (torch.ops.aten.view.default, torch.ops.aten._unsafe_view.default, torch.ops.aten.reshape.default)
_FLATTEN = torch.ops.aten.flatten.using_ints


def flatten_merged_dimensions(program: torch.export.ExportedProgram) -> None:
    """Puts a flatten before each view that merges two or more unknown sizes, in place."""
    graph = program.graph_module.graph
    for node in [node for view in _VIEWS for node in graph.find_nodes(op="call_function", target=view)]:
        source = node.args[0]
        for start, end in reversed(_merges(source.meta["val"].shape, node.meta["val"].shape)):
            with graph.inserting_before(node):
                flat = graph.call_function(_FLATTEN, (source, start, end - 1))
            flat.meta = {**node.meta, "val": source.meta["val"].flatten(start, end - 1)}
            flat.meta.pop("tensor_meta", None)  # that of the view
            source = flat
        if source is node.args[0]:
            continue
        if source.meta["val"].dim() == node.meta["val"].dim():
            node.replace_all_uses_with(source)
            graph.erase_node(node)
        else:
            node.args = (source, *node.args[1:])
    graph.eliminate_dead_code()


def _merges(before: Sequence[Any], after: Sequence[Any]) -> list[tuple[int, int]]:
    """The ranges of dimensions with several unknown sizes that the result has as one, or splits otherwise."""
    found = []
    left, right = [_size(size) for size in before], [_size(size) for size in after]
    i = j = 0
    while i < len(left) and j < len(right):
        start, one, other = i, left[i], right[j]
        i, j = i + 1, j + 1
        while sympy.expand(one - other) != 0:
            # The side with fewer factors grows, until both have the same.
            if i < len(left) and (j >= len(right) or _divides(one, other)):
                one, i = one * left[i], i + 1
            elif j < len(right):
                other, j = other * right[j], j + 1
            else:
                return []  # sizes that cannot be told apart
        if sum(not size.is_Integer for size in left[start:i]) > 1:
            found.append((start, i))
    return found


def _divides(part: Any, whole: Any) -> bool:
    return bool(sympy.cancel(whole / part).as_numer_denom()[1] == 1)


def _size(size: Any) -> Any:
    return size.node.expr if isinstance(size, torch.SymInt) else sympy.Integer(size)

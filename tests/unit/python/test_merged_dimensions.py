"""Views that merge dimensions of unknown size become flattens; others stay views."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("torch_mlir")

from irlens_torch.lower.decompositions import decompose  # noqa: E402
from irlens_torch.lower.merged_dimensions import flatten_merged_dimensions  # noqa: E402
from torch.export import Dim  # noqa: E402

BOTH = ({0: Dim("batch"), 1: Dim("length", max=64)},)


def operators(function: Any, shapes: Any) -> list[str]:
    """The views and flattens of a function of a [2, 5, 2, 4] tensor, in order."""

    class Net(torch.nn.Module):  # type: ignore[misc]
        def forward(self, x: Any) -> Any:
            return function(x)

    x = torch.randn(2, 5, 2, 4)
    program = decompose(torch.export.export(Net(), (x,), dynamic_shapes=shapes))
    flatten_merged_dimensions(program)
    (result,) = program.module()(x) if isinstance(program.module()(x), tuple) else (program.module()(x),)
    assert torch.equal(result, function(x))
    nodes = [node for node in program.graph.nodes if "view" in str(node.target) or "flatten" in str(node.target)]
    return [f"{node.target.__name__.split('.')[0]} {len(node.meta['val'].shape)}" for node in nodes]


@pytest.mark.parametrize(
    ("function", "shapes", "expected"),
    [
        (lambda x: x.reshape(-1, 2, 4), BOTH, ["flatten 3"]),
        (lambda x: x.reshape(x.shape[0] * x.shape[1], 8), BOTH, ["flatten 3", "view 2"]),
        (lambda x: x.reshape(x.shape[0], -1), BOTH, ["view 2"]),
        (lambda x: x.reshape(-1), BOTH, ["flatten 1"]),
        (lambda x: x.reshape(-1, 2, 4), ({0: Dim("batch")},), ["view 3"]),
        (lambda x: x.reshape(-1, 2, 4), None, ["view 3"]),
    ],
)
def test_views(function: Any, shapes: Any, expected: list[str]) -> None:
    assert operators(function, shapes) == expected

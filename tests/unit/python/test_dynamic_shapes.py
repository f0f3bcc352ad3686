"""`_dynamic_shapes=`: its forms, its names in signatures, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

HEAD = """\
import torch
from torch import nn
from torch.export import Dim

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 2)

    def forward(self, x, y=None, *, more=None):
        z = self.linear(x)
        if y is not None:
            z = z + y
        return z if more is None else z + more["k"][0]

x = torch.ones(6, 4)
y = torch.ones(6, 2)
"""
Discover = Callable[[str], Any]


@pytest.mark.parametrize(
    ("model", "inputs", "signature"),
    [
        ("Net()", "x, _dynamic_shapes={'x': {0: Dim('batch')}}", "f32[batch, 4]"),
        ("Net()", "x, _dynamic_shapes={'x': (Dim('batch'), None)}", "f32[batch, 4]"),
        ("Net()", "x, _dynamic_shapes=({0: Dim('batch')},)", "f32[batch, 4]"),
        ("Net()", "x, _dynamic_shapes=[{0: 'batch'}]", "f32[batch, 4]"),
        ("Net()", "x, _dynamic_shapes={'x': {0: Dim.AUTO, 1: Dim.STATIC}}", "f32[?, 4]"),
        ("Net()", "x, y, _dynamic_shapes={'x': {0: 'n'}, 'y': {0: 'n'}}", "f32[n, 4], f32[n, 2]"),
        ("Net()", "x, y, _dynamic_shapes=({0: 'n'}, {0: 'n'})", "f32[n, 4], f32[n, 2]"),
        (
            "Net()",
            "x, more={'k': [y]}, _dynamic_shapes={'x': {0: 'n'}, 'more': {'k': [{0: 'n'}]}}",
            "f32[n, 4], f32[n, 2]",
        ),
        ("lambda a, b: a.sum() + b", "x, y, _dynamic_shapes={'b': {1: 'n'}}", "f32[6, 4], f32[6, n]"),
        ("lambda a, b: a.sum() + b", "x, y, _dynamic_shapes=({0: 'n'},)", "f32[n, 4], f32[6, 2]"),
        (
            "lambda a, b: a + b[1:]",
            "x, torch.ones(7, 4), _dynamic_shapes=(lambda n: ({0: n}, {0: n + 1}))(Dim('n', min=3))",
            "f32[n, 4], f32[n + 1, 4]",
        ),
    ],
)
@pytest.mark.parametrize("form", ["__explore__({}, {})\n", "# irlens: ({})({})\n"], ids=["call", "comment"])
def test_forms(discover: Discover, model: str, inputs: str, signature: str, form: str) -> None:
    from irlens_torch.capture.export import export_entry

    discovery, (entry,) = discover(HEAD + form.format(model, inputs))
    assert (entry.signature, discovery.diagnostics) == (signature, [])
    exported = export_entry(entry.payload)
    assert any("s" in str(node.meta.get("val")) for node in exported.program.graph.nodes)


def test_names_reach_fx(discover: Discover) -> None:
    from irlens_torch.capture.export import export_entry
    from irlens_torch.capture.fx import make_fx

    text = "__explore__(Net(), x, y, _dynamic_shapes={'x': {0: 'batch'}, 'y': {0: 'batch'}})\n"
    _, (entry,) = discover(HEAD + text)
    code = make_fx(export_entry(entry.payload)).text or ""
    assert 'x: "f32[batch, 4]", y: "f32[batch, 2]"' in code
    assert 'add: "f32[batch, 2]"' in code


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("{'z': {0: 'n'}}", "names z; the inputs are: x, y"),
        ("{'x': {2: 'n'}}", "names dimension 2 of x, which has 2"),
        ("({}, {}, {})", "has 3 items for 2 inputs"),
        ("7", "not int"),
        ("{'x': {0: 'a b'}}", "'a b' is no name for a dimension"),
    ],
)
def test_a_wrong_specification(discover: Discover, spec: str, message: str) -> None:
    """It is said, and the entry is lowered with static shapes."""
    discovery, (entry,) = discover(HEAD + f"__explore__(Net(), x, y, _dynamic_shapes={spec})\n")
    (diagnostic,) = discovery.diagnostics
    assert message in diagnostic.message and diagnostic.frames[0][1] == HEAD.count("\n") + 1
    assert (entry.signature, entry.payload.dynamic_shapes) == ("f32[6, 4], f32[6, 2]", None)


@pytest.mark.parametrize(
    ("spec", "messages"),
    [
        ("{'x': {0: 'n'}}", ["n", "specialized it to be a constant (6).", "Suggested fix: n = 6"]),
        (
            "{'x': {0: 'n'}, 'y': {0: 'm'}}",
            ["m = y.shape[0] and n = x.shape[0] must always be equal.", "Suggested fix: m = n"],
        ),
        ("{'x': {0: Dim('n', max=4)}}", ["6 not in range [2, 4]"]),
    ],
)
def test_constraints(discover: Discover, spec: str, messages: list[str]) -> None:
    from irlens_torch.capture.export import export_entry
    from irlens_torch.discover.fit import explain_call

    _, (entry,) = discover(HEAD + f"__explore__(Net(), x, y, _dynamic_shapes={spec})\n")
    with pytest.raises(Exception) as caught:
        export_entry(entry.payload)
    diagnostic = explain_call(caught.value, entry.payload)
    for message in messages:
        assert message in diagnostic.message
    assert "draft_export" not in repr(diagnostic) and "mark_dynamic" not in repr(diagnostic)

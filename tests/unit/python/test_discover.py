"""Which entries a file has, and when it is not even run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

NET = """\
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(3, 2)

    def forward(self, x):
        return self.linear(x)

"""
AFTER = NET.count("\n") + 1  # the line that follows NET
Discover = Callable[[str], Any]


def test_call(discover: Discover) -> None:
    _, (entry,) = discover(NET + "if True:\n    __explore__(Net(), torch.ones(1, 3))\n")
    assert (entry.name, entry.kind, entry.line, entry.column) == ("Net", "model", AFTER + 1, 5)
    assert (entry.class_line, entry.comment, entry.parameters) == (4, False, 8)
    assert entry.signature == "f32[1, 3]"


def test_call_with_options(discover: Discover) -> None:
    text = "__explore__(Net(), torch.ones(1, 3), _name='a b', _strict=True, scale=2)\n"
    _, (entry,) = discover(NET + text)
    call = entry.payload
    assert (entry.name, call.strict, call.kwargs) == ("a_b", True, {"scale": 2})


def test_call_in_a_helper(discover: Discover) -> None:
    text = "def show(model):\n    __explore__(model, torch.ones(1, 3))\nshow(Net())\n"
    _, (entry,) = discover(NET + text)
    assert entry.line == AFTER + 1


def test_call_of_what_cannot_be_called(discover: Discover) -> None:
    with pytest.raises(TypeError, match="can be called"):
        discover(NET + "__explore__(3, torch.ones(1))\n")


def test_functions(discover: Discover) -> None:
    text = "def double(x):\n    return x + x\n__explore__(double, 1)\n__explore__(lambda x: x, 2)\n"
    _, entries = discover(NET + text)
    assert [(entry.name, entry.kind, entry.class_line) for entry in entries] == [
        ("double", "function", AFTER),
        ("lambda", "function", AFTER + 3),
    ]
    assert [entry.parameters for entry in entries] == [-1, -1]


def test_names_are_unique(discover: Discover) -> None:
    _, entries = discover(NET + "for i in range(3):\n    __explore__(Net(), torch.ones(i + 1, 3))\n")
    assert [entry.name for entry in entries] == ["Net", "Net-2", "Net-3"]


def test_comment(discover: Discover) -> None:
    _, (entry,) = discover(NET + "x = 1  # irlens: Net()(torch.ones(4, 3), _name='four')\n")
    assert (entry.name, entry.line, entry.comment) == ("four", AFTER, True)
    assert (entry.column, entry.signature) == (18, "f32[4, 3]")


def test_comment_with_nested_inputs(discover: Discover) -> None:
    text = "# irlens: Net()({'a': torch.ones(2), 'b': [torch.ones(3).long()]}, flag=True)\n"
    _, (entry,) = discover(NET + text)
    assert entry.signature == "f32[2], i64[3], bool"


def test_directives(discover: Discover) -> None:
    text = "# irlens: target=sm_90 stages=linalg,ptx\n# irlens: Net()(torch.ones(1, 3))\n"
    discovery, entries = discover(NET + text)
    assert discovery.directives == {"target": "sm_90", "stages": "linalg,ptx"}
    assert len(entries) == 1


@pytest.mark.parametrize(
    ("comment", "message"),
    [
        ("Net(", "never closed"),
        ("Net", "expected a call"),
        ("Missing()(1)", "NameError"),
        ("Net(1)(torch.ones(1, 3))", "TypeError"),
        ("torch.ones(1)()", "cannot be called"),
    ],
)
def test_bad_comment(discover: Discover, comment: str, message: str) -> None:
    discovery, entries = discover(NET + f"# irlens: {comment}\n# irlens: Net()(torch.ones(1, 3))\n")
    assert [entry.name for entry in entries] == ["Net"]
    (diagnostic,) = discovery.diagnostics
    assert message in diagnostic.message
    assert diagnostic.frames[-1][1] == AFTER


def test_text_in_a_string_is_no_comment(discover: Discover) -> None:
    discovery, entries = discover('text = """\n# irlens: Net()(1)\n"""\n')
    assert entries is None and not discovery.diagnostics[0].frames


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("print('hello')\n", "no __explore__ call"),
        (NET, "no model is made"),
        (NET + "model = Net()\n", "no input tensor"),
        (NET + "x = torch.ones(1, 3)\n", "no model is made"),
        (NET + "def main():\n    Net()(torch.ones(1, 3))\n", "no model is made"),
        (NET + "w = nn.Parameter(torch.ones(3))\n", "no model is made"),
        ("import wandb\n" + NET + "m = Net()\nm(torch.ones(1, 3)).sum().backward()\n", "reaches out (wandb)"),
    ],
)
def test_not_worth_running(discover: Discover, text: str, reason: str) -> None:
    discovery, entries = discover(text)
    assert entries is None
    assert reason in discovery.diagnostics[0].message
    assert discovery.diagnostics[0].severity == "info"

"""TorchScript of models with inputs of every form: scripted if that works, else traced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("torch")

from irlens_torch.capture.torchscript import forget_classes, make_torchscript

HEAD = "import functools\nimport torch\nfrom torch import nn\nt = torch.ones(4, 4)\n"
Discover = Callable[[str], Any]


def module(parameters: str, *body: str) -> str:
    lines = "".join(f"        {line}\n" for line in body)
    return f"class M(nn.Module):\n    def forward(self, {parameters}):\n{lines}"


# Source, call, whether it can be scripted, inputs of the graph but self.
CASES = {
    "tensor": (module("x", "return x.relu()"), "M(), t", True, 1),
    "int": (module("x, n: int", "for i in range(n):", "    x = x + i", "return x"), "M(), t, 3", True, 2),
    "str": (module("x, mode: str", "return x.relu() if mode == 'relu' else x.tanh()"), "M(), t, 'relu'", True, 2),
    "dict": (module("d", "return {'y': d['a'] + d['b'][0], 'n': 3}"), "M(), {'a': t, 'b': [t]}", False, 2),
    "keyword": (module("x, *, mask=None", "return x if mask is None else x * mask"), "M(), x=t, mask=t", False, 2),
    "variadic": (module("*xs, **kw", "return sum(xs) + kw['z']"), "M(), t, t, z=t", False, 3),
    "function": ("def f(x):\n    return x * 2\n", "f, t", True, 1),
    "default": ("def f(x, y=2):\n    return x * y\n", "f, t, y=t", False, 2),
    "lambda": ("", "lambda x: x + 1, t", False, 1),
    "builtin": ("", "torch.sin, t", False, 1),
    "method": ("", "nn.Linear(4, 2).forward, t", False, 1),
    "partial": ("def f(x, y):\n    return x * y\n", "functools.partial(f, y=4), t", False, 1),
    "object": ("class F:\n    def __call__(self, x):\n        return x + 1\n", "F(), t", False, 1),
    "compiled": ("@torch.compile\ndef f(x):\n    return x + 1\n", "f, t", True, 1),
    "scripted": ("@torch.jit.script\ndef f(x):\n    return x + 1\n", "f, t", True, 1),
    "numbers": ("def f(a: int, b: int):\n    return a + b\n", "f, 2, 3", True, 2),
}


@pytest.mark.parametrize("name", CASES)
def test_form(discover: Discover, name: str) -> None:
    source, call, scripted, inputs = CASES[name]
    _, (entry,) = discover(f"{HEAD}{source}__explore__({call})\n")
    forget_classes()
    result = make_torchscript(entry.payload)
    assert result.note.startswith("" if scripted else "traced: scripting failed: "), result.note
    assert bool(result.note) is not scripted
    header = (result.text or "").partition("):")[0]
    names = [line.split(" : ")[0].split("%")[-1] for line in header.splitlines()]
    assert len([word for word in names if not word.startswith("self")]) == inputs, header
    assert "return (" in (result.text or "")


@pytest.mark.parametrize(
    ("name", "entry_name"),
    [("object", "F"), ("partial", "f"), ("compiled", "f"), ("method", "forward"), ("lambda", "lambda"), ("dict", "M")],
)
def test_names(discover: Discover, name: str, entry_name: str) -> None:
    source, call, _, _ = CASES[name]
    _, (entry,) = discover(f"{HEAD}{source}__explore__({call})\n")
    assert entry.name == entry_name


@pytest.mark.parametrize("name", CASES)
def test_export(discover: Discover, name: str) -> None:
    """The same forms, through torch.export."""
    from irlens_torch.capture.export import export_entry

    source, call, _, _ = CASES[name]
    _, (entry,) = discover(f"{HEAD}{source}__explore__({call})\n")
    assert export_entry(entry.payload).program.graph_signature.user_outputs

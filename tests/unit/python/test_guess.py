"""The entries of files that name none: calls that the script makes, and calls that it could."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
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


def module(parameters: str, result: str, name: str = "M") -> str:
    """A class whose forward has these parameters, and `model`, an instance of it."""
    return (
        "import torch\nfrom torch import nn\n"
        f"class {name}(nn.Module):\n    def forward(self, {parameters}):\n        return {result}\n"
        f"model = {name}()\n"
    )


def test_model_and_tensor(discover: Discover) -> None:
    text = "model = Net().eval()\nwrong = torch.randn(7)\nright = torch.randn(5, 3)\n"
    discovery, (entry,) = discover(NET + text)
    assert (entry.name, entry.line, entry.signature) == ("Net", AFTER, "f32[5, 3]")
    assert discovery.diagnostics == []


def test_parameters_take_variables_of_their_name(discover: Discover) -> None:
    text = module("image, ids, *, scale", "image.sum() * scale + ids") + (
        "scale = 3\nids = torch.arange(4)\nother = torch.ones(9)\nimage = torch.ones(2, 2)\n"
    )
    _, (entry,) = discover(text)
    assert [tuple(value.shape) for value in entry.payload.args] == [(2, 2), (4,)]
    assert entry.payload.kwargs == {"scale": 3}


def test_an_optional_parameter_takes_a_tensor_of_its_name(discover: Discover) -> None:
    text = module("x, mask=None, factor=2", "x if mask is None else x * mask") + (
        "x = torch.ones(2)\nmask = torch.ones(2)\nfactor = 7\n"
    )
    _, (entry,) = discover(text)
    assert entry.signature == "f32[2], f32[2]" and list(entry.payload.kwargs) == ["mask"]


def test_several_inputs_in_order(discover: Discover) -> None:
    text = module("query, key", "query @ key") + "odd = torch.ones(7)\na = torch.ones(2, 3)\nb = torch.ones(3, 4)\n"
    _, (entry,) = discover(text)
    assert entry.signature == "f32[2, 3], f32[3, 4]"


def test_several_inputs_out_of_order(discover: Discover) -> None:
    text = module("query, key", "query @ key") + "b = torch.ones(3, 4)\na = torch.ones(2, 3)\n"
    _, (entry,) = discover(text)
    assert entry.signature == "f32[2, 3], f32[3, 4]"


@pytest.mark.parametrize(
    ("parameters", "result", "inputs"),
    [
        ("a, *, b", "a + b", "inputs = {'a': torch.ones(3), 'b': torch.ones(3)}"),
        ("a, b", "a + b", "pair = (torch.ones(3), torch.ones(3))"),
        ("pair", "pair[0] + pair[1]", "pair = [torch.ones(3), torch.ones(3)]"),
        ("batch", "batch['a'] + batch['more'][0]", "batch = {'a': torch.ones(3), 'more': [torch.ones(3)], 'id': 's'}"),
        ("*parts", "parts[0] + parts[1]", "pair = (torch.ones(3), torch.ones(3))"),
    ],
)
def test_structures(discover: Discover, parameters: str, result: str, inputs: str) -> None:
    _, (entry,) = discover(module(parameters, result) + inputs + "\n")
    assert entry.signature.startswith("f32[3], f32[3]")


def test_a_model_that_looks_at_its_data(discover: Discover) -> None:
    text = module("x", "x[x > 0] if x.sum() > 0 else x") + "x = torch.ones(3)\n"
    _, (entry,) = discover(text)
    assert entry.signature == "f32[3]"


def test_trying_leaves_no_traces(discover: Discover) -> None:
    text = NET.replace(
        "return self.linear(x)", "self.last = x\n        self.seen += 1\n        return self.linear(x)"
    ).replace("super().__init__()", "super().__init__()\n        self.register_buffer('seen', torch.zeros(1))")
    _, (entry,) = discover(text + "model = Net()\nx = torch.ones(1, 3)\n")
    model = entry.payload.model
    assert not hasattr(model, "last") and float(model.seen) == 0


def test_a_lazy_layer_stays_lazy(discover: Discover) -> None:
    _, (entry,) = discover("import torch\nfrom torch import nn\nmodel = nn.LazyLinear(3)\nx = torch.ones(1, 5)\n")
    assert "LazyLinear" in repr(entry.payload.model)


def test_parts_and_second_names_are_no_entries(discover: Discover) -> None:
    text = "act = nn.ReLU()\nmodel = nn.Sequential(Net(), act)\nalias = model\nx = torch.ones(1, 3)\n"
    _, entries = discover(NET + text)
    assert [entry.name for entry in entries] == ["Sequential"]


def test_several_models(discover: Discover) -> None:
    text = "first = Net()\nsecond = nn.Conv2d(1, 2, 3)\nx = torch.ones(1, 3)\nimage = torch.ones(1, 1, 8, 8)\n"
    _, entries = discover(NET + text)
    assert [(entry.name, entry.line) for entry in entries] == [("Net", AFTER), ("Conv2d", AFTER + 1)]


def test_nothing_fits(discover: Discover) -> None:
    discovery, entries = discover(NET + "model = Net()\nx = torch.ones(1, 5)\ny = torch.ones(4)\n")
    (diagnostic,) = discovery.diagnostics
    assert entries == [] and diagnostic.severity == "warning" and diagnostic.frames[0][1] == AFTER
    assert "fits Net.forward(x); at hand: x: f32[1, 5], y: f32[4]" in diagnostic.message
    message, frames = diagnostic.notes[0]
    assert message.startswith("with (f32[1, 5]): RuntimeError")
    assert [line for file, line, _ in frames if file.endswith("model.py")] == [10]


MAIN = NET + "def main():\n    model = Net()\n    x = torch.ones(4, 3)\n    return model(x)\n\n"


@pytest.mark.parametrize("start", ["main()\n", "if __name__ == '__main__':\n    main()\n"])
def test_a_call_in_main(discover: Discover, start: str) -> None:
    _, (entry,) = discover(MAIN + start)
    assert (entry.name, entry.line, entry.signature) == ("Net", AFTER + 3, "f32[4, 3]")
    assert entry.class_line == 4


def test_a_call_shows_the_inputs(discover: Discover) -> None:
    """Better than what could be tried: the first tensor would fit as well."""
    text = "a = torch.ones(1, 3)\nb = torch.ones(7, 3)\nmodel = Net()\ny = model(x=b)\n"
    _, (entry,) = discover(NET + text)
    assert (entry.signature, entry.line, list(entry.payload.kwargs)) == ("f32[7, 3]", AFTER + 3, ["x"])


def test_calls_in_a_loop_are_one_entry(discover: Discover) -> None:
    _, entries = discover(NET + "model = Net()\nfor n in range(3):\n    model(torch.ones(n + 1, 3))\n")
    assert [(entry.name, entry.signature) for entry in entries] == [("Net", "f32[1, 3]")]


def test_calls_of_losses_and_parts(discover: Discover) -> None:
    text = (
        "model = nn.Sequential(Net(), Net())\nx = torch.ones(1, 3)\nmodel = nn.Sequential(Net(), nn.ReLU())\n"
        "model[0](x)\ny = model(x)\nloss = nn.MSELoss()(y, y)\n"
    )
    _, entries = discover(NET + text)
    assert [entry.name for entry in entries] == ["Sequential"]


def test_a_function_that_is_compiled(discover: Discover) -> None:
    """The compiler sees torch as it is: nothing of the watch breaks its graph."""
    text = (
        "model = Net()\n@torch.compile(backend='eager', fullgraph=True)\ndef run(x):\n    return model(x) + 1\n"
        "y = run(torch.ones(2, 3))\nz = torch.compile(model, backend='eager', fullgraph=True)(torch.ones(1, 3))\n"
    )
    _, (entry,) = discover(NET + text)
    assert entry.signature == "f32[1, 3]"


def test_a_call_that_fails_says_what_it_was_given(discover: Discover) -> None:
    from irlens_worker.frames import exception_diagnostic

    with pytest.raises(RuntimeError) as caught:
        discover(NET + "model = Net()\nmodel(torch.ones(1, 5))\n")
    notes = exception_diagnostic(caught.value).notes
    assert [(message, frames[0][1]) for message, frames in notes] == [
        ("Net.forward was given (x: f32[1, 5])", AFTER + 1)
    ]


TRAINING = NET + (
    "model = Net()\nx = torch.ones(4, 3)\noptimizer = torch.optim.SGD(model.parameters(), 0.1)\n"
    "done = []\nfor epoch in range(1000000):\n    optimizer.zero_grad()\n    loss = model(x).sum()\n"
    "    {step}\n    done.append(epoch)\nlate = Net()\n"
)


@pytest.mark.parametrize("step", ["loss.backward()", "torch.autograd.backward(loss)", "optimizer.step()"])
def test_training_ends_before_it_begins(discover: Discover, step: str) -> None:
    discovery, (entry,) = discover(TRAINING.format(step=step))
    assert entry.signature == "f32[4, 3]"
    (diagnostic,) = discovery.diagnostics
    assert (diagnostic.severity, diagnostic.frames[0][1]) == ("hint", AFTER + 7)


def test_training_ends_when_the_comments_can_be_evaluated(discover: Discover) -> None:
    text = TRAINING.format(step="loss.backward()")
    discovery, (entry,) = discover(text + "# irlens: [Net() for i in range(1)][0](torch.ones(8, 3))\n")
    assert entry.signature == "f32[8, 3]" and len(discovery.diagnostics) == 1


def test_training_goes_on_when_a_comment_needs_what_follows(discover: Discover) -> None:
    text = TRAINING.format(step="loss.backward()").replace("1000000", "3")
    discovery, (entry,) = discover(text + "# irlens: late(torch.ones(8, 3))\n")
    assert entry.signature == "f32[8, 3]" and discovery.diagnostics == []


def test_torch_is_left_as_it_was(discover: Discover) -> None:
    import torch

    before = (torch.nn.Module.__call__, torch.Tensor.backward, torch.autograd.backward)
    discover(TRAINING.format(step="loss.backward()"))
    assert (torch.nn.Module.__call__, torch.Tensor.backward, torch.autograd.backward) == before
    x = torch.ones(1, requires_grad=True)
    (x * 2).backward()
    assert x.grad is not None


@pytest.mark.parametrize(
    "what", ["torch.jit.trace(model, x)", "torch.vmap(model)(x)", "torch.export.export(model, (x,))"]
)
def test_calls_within_transformations(discover: Discover, what: str) -> None:
    """They see inputs that mean nothing afterwards, and their results are as they were."""
    _, (entry,) = discover(NET + f"model = Net()\nx = torch.ones(2, 3)\ny = {what}\nmodel(x)\n")
    assert type(entry.payload.args[0]).__name__ == "Tensor" and entry.signature == "f32[2, 3]"
    _, (entry,) = discover(NET + f"model = Net()\nx = torch.ones(2, 3)\ny = {what}\n")
    assert entry.signature == "f32[2, 3]"
    assert entry.payload.model(*entry.payload.args).shape == (2, 2)


def test_a_wrapper_is_left_out(discover: Discover) -> None:
    _, (entry,) = discover(NET + "nn.DataParallel(Net())(torch.ones(2, 3))\n")
    assert entry.name == "Net"


def test_a_script_that_goes_on(discover: Discover, monkeypatch: pytest.MonkeyPatch) -> None:
    from irlens_torch.discover import call_watch

    monkeypatch.setattr(call_watch, "_PATIENCE", 0.2)
    loop = "import time\nmodel = Net()\nwhile True:\n    {}time.sleep(0.01)\n"
    discovery, (entry,) = discover(NET + loop.format("model(torch.ones(5, 3)); "))
    assert entry.signature == "f32[5, 3]"
    (diagnostic,) = discovery.diagnostics
    assert diagnostic.severity == "hint" and "went on for 0.2 s" in diagnostic.message
    assert diagnostic.frames[0][1] in (AFTER + 2, AFTER + 3)


def test_a_script_that_has_shown_nothing_goes_on(discover: Discover, monkeypatch: pytest.MonkeyPatch) -> None:
    from irlens_torch.discover import call_watch

    monkeypatch.setattr(call_watch, "_PATIENCE", 0.05)
    discovery, (entry,) = discover(NET + "import time\ntime.sleep(0.3)\nNet()(torch.ones(5, 3))\n")
    assert entry.signature == "f32[5, 3]" and discovery.diagnostics == []


def test_nothing_is_called(discover: Discover) -> None:
    discovery, entries = discover(NET + "def main():\n    model, x = Net(), torch.ones(1, 3)\nmain()\n")
    (diagnostic,) = discovery.diagnostics
    assert entries == [] and diagnostic.frames[0][1] == 4
    assert diagnostic.message.endswith("calls no model; name one with '# irlens: Net()(torch.randn(1, 3))'")


def test_inputs_follow_a_model_without_weights(discover: Discover) -> None:
    text = "with torch.device('meta'):\n    model = Net()\nx = torch.ones(1, 3)\n"
    _, (entry,) = discover(NET + text)
    assert entry.payload.args[0].device.type == "meta"


def test_a_model_from_another_file(
    discover: Discover, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """The entry stands where the model is called: its class is elsewhere."""
    name = "blocks_of_a_test"
    (tmp_path / f"{name}.py").write_text(NET + "def build():\n    return Net()\n")
    monkeypatch.syspath_prepend(tmp_path)
    request.addfinalizer(lambda: sys.modules.pop(name, None))
    text = (
        f"import torch\nimport {name}\ndef main():\n    model = {name}.build()\n    model(torch.ones(1, 3))\nmain()\n"
    )
    _, (entry,) = discover(text)
    assert (entry.name, entry.line, entry.class_line) == ("Net", 5, 0)
    _, (entry,) = discover(f"import torch\nfrom {name} import Net\nmodel = Net()\nx = torch.ones(1, 3)\n")
    assert (entry.line, entry.class_line) == (3, 0)

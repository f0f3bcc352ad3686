"""The comments that are suggested for classes without an entry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

HEAD = "import torch\nfrom torch import nn\n\n"
Discover = Callable[[str], Any]


def model(layers: str, forward: str, parameters: str = "", inputs: str = "x") -> str:
    """A class Net; `layers` and `forward` are statements, separated by semicolons."""
    lines = [*(f"        {line.strip()}" for line in layers.split(";"))]
    body = [*(f"        {line.strip()}" for line in forward.split(";"))]
    return HEAD + "\n".join(
        [
            "class Net(nn.Module):",
            f"    def __init__(self{', ' if parameters else ''}{parameters}):",
            "        super().__init__()",
            *lines,
            f"    def forward(self, {inputs}):",
            *body,
            "",
        ]
    )


# Makes a file worth running that has nothing to lower.
RUN = "\nnn.Identity(torch.ones(1))\n"
CASES = [
    (model("self.fc = nn.Linear(7, 2)", "return self.fc(x)"), "Net()(torch.randn(1, 7))"),
    (model("self.c = nn.Conv2d(3, 8, 3)", "y = x * 2; return self.c(y)"), "Net()(torch.randn(1, 3, 32, 32))"),
    (
        model("self.a = nn.Embedding(vocab_size, dim)", "return self.a(ids)", "vocab_size, dim=8", "ids"),
        "Net(1000)(torch.randint(1000, (1, 16)))",
    ),
    (
        model("self.n = nn.Sequential(nn.Flatten(), nn.Linear(4 * hidden, 2))", "return self.n(x)", "*, hidden: int"),
        "Net(hidden=64)(torch.randn(1, 256))",
    ),
    (
        model("size = 5; self.rnn = nn.LSTM(size, 4)", "out, _ = self.rnn(x); return out"),
        "Net()(torch.randn(1, 16, 5))",
    ),
    (
        model("self.a = nn.Linear(3, 4); self.b = nn.Linear(5, 4)", "return self.a(x) + self.b(y)", "", "x, *, y"),
        "Net()(torch.randn(1, 3), y=torch.randn(1, 5))",
    ),
    (
        model("self.a = nn.Linear(3, 3)", "return self.a(x) * (y if flag else z)", "", "x, y, flag: bool, z=2"),
        "Net()(torch.randn(1, 3), torch.randn(1, 3), True)",
    ),
    (
        model(
            "self.layers = nn.ModuleList([nn.Linear(6, 6) for _ in range(n)])",
            "for f in self.layers: x = f(x)\n        return x",
            "n: int",
        ),
        "Net(64)(torch.randn(1, 6))",
    ),
    (
        model("self.a = nn.Linear(9, 3)", "return self.go(x); ", "", "x")
        + "    def go(self, h):\n        return self.a(h)\n",
        "Net()(torch.randn(1, 9))",
    ),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
@pytest.mark.parametrize("run", [False, True], ids=["text", "run"])
def test_guess(discover: Discover, text: str, expected: str, run: bool) -> None:
    discovery, _ = discover(text + RUN if run else text)
    assert discovery.suggestions == [{"line": 4, "name": "Net", "text": f"# irlens: {expected}"}]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_suggestion_works(discover: Discover, text: str, expected: str) -> None:
    discovery, (entry,) = discover(f"{text}\n# irlens: {expected}\n")
    assert entry.name == "Net" and discovery.suggestions == []
    entry.payload.model(*entry.payload.args, **entry.payload.kwargs)


def test_a_run_finds_the_size_of_the_image(discover: Discover) -> None:
    """LeNet for 28 x 28 pixels: the text does not say so."""
    layers = "self.c = nn.Conv2d(1, 6, 5); self.fc = nn.Linear(6 * 24 * 24, 10)"
    text = model(layers, "x = torch.relu(self.c(x)); return self.fc(x.flatten(1))")
    (first,) = discover(text)[0].suggestions
    (second,) = discover(text + RUN)[0].suggestions
    assert first["text"].endswith("(torch.randn(1, 1, 32, 32))")
    assert second["text"].endswith("(torch.randn(1, 1, 28, 28))")


@pytest.mark.parametrize("run", [False, True])
def test_layers_in_containers(discover: Discover, run: bool) -> None:
    layers = "self.parts = nn.ModuleDict(dict(words=nn.Embedding(50, 8))); self.out = nn.Linear(8, 50)"
    for part in ("self.parts.words", "self.parts['words']"):
        text = model(layers, f"a, b = ids.shape; y = {part}(ids); return self.out(y)", "", "ids")
        (suggestion,) = discover(text + RUN if run else text)[0].suggestions
        assert suggestion["text"] == "# irlens: Net()(torch.randint(50, (1, 16)))"


@pytest.mark.parametrize("run", [False, True])
def test_the_constructor_knows_the_size_of_the_image(discover: Discover, run: bool) -> None:
    """One of 28 x 28 would work as well, with one patch for all positions."""
    layers = (
        "self.patch = nn.Conv2d(3, 8, 16, stride=16); self.pos = nn.Parameter(torch.zeros((img_size // 16) ** 2, 8))"
    )
    text = model(layers, "return self.patch(x).flatten(2).transpose(1, 2) + self.pos", "img_size=96")
    (suggestion,) = discover(text + RUN if run else text)[0].suggestions
    assert suggestion["text"] == "# irlens: Net()(torch.randn(1, 3, 96, 96))"


def test_a_run_sees_computed_sizes(discover: Discover) -> None:
    text = model("sizes = {'a': 11}; self.fc = nn.Linear(sizes['a'], 2)", "return self.fc(x)")
    assert discover(text)[0].suggestions[0]["text"].endswith("(torch.randn(1, 16))")
    assert discover(text + RUN)[0].suggestions[0]["text"].endswith("(torch.randn(1, 11))")


def test_entries_do_not_wait_for_suggestions(discover: Discover) -> None:
    """With an entry in the file nothing is tried: the text's guess has to do."""
    text = model("raise SystemExit('made')", "return x")
    discovery, (entry,) = discover(text + "other = nn.Linear(1, 1)\nother(torch.ones(1, 1))\n")
    assert entry.name == "Linear" and discovery.suggestions[0]["text"] == "# irlens: Net()(torch.randn(1, 16))"


def test_nothing_works(discover: Discover) -> None:
    """Then the text's guess stays: the user knows better what to change in it."""
    text = model("self.fc = nn.Linear(3, 2)", "y = self.fc(x); raise ValueError(y)")
    assert discover(text + RUN)[0].suggestions[0]["text"] == "# irlens: Net()(torch.randn(1, 3))"


def test_classes_are_not_instantiated_for_nothing(discover: Discover) -> None:
    text = model("raise SystemExit('made')", "return x")
    discovery, entries = discover(text)
    assert entries is None and len(discovery.suggestions) == 1


def test_a_constructor_that_prints_hangs_or_leaves(discover: Discover, capsys: pytest.CaptureFixture[str]) -> None:
    loop = model("print('made'); self.fc = nn.Linear(3, 2)\n        while True: pass", "return self.fc(x)")
    assert discover(loop + RUN)[0].suggestions[0]["text"] == "# irlens: Net()(torch.randn(1, 3))"
    assert capsys.readouterr().out == ""
    leave = model("raise SystemExit(3)", "return x")
    assert len(discover(leave + RUN)[0].suggestions) == 1


def test_an_instance_is_used(discover: Discover) -> None:
    text = model("self.fc = nn.Linear(size, 2)", "return self.fc(x)", "size") + "net = Net(size=12)\n"
    (suggestion,) = discover(text)[0].suggestions
    assert suggestion["text"].startswith("# irlens: net(")
    (suggestion,) = discover(text + RUN)[0].suggestions
    assert suggestion["text"] == "# irlens: net(torch.randn(1, 12))"


def test_configuration_classes(discover: Discover) -> None:
    text = model("self.fc = nn.Linear(config.size, 2)", "return self.fc(x)", "config: 'Config'")
    text += "class Config:\n    size = 13\n"
    assert discover(text + RUN)[0].suggestions[0]["text"] == "# irlens: Net(Config())(torch.randn(1, 13))"


def test_decorated_parts_and_lowered_classes(discover: Discover) -> None:
    text = HEAD + (
        "class Part(nn.Module):\n    def forward(self, x):\n        return x\n"
        "@torch.no_grad()\nclass Whole(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.part = Part()\n    def forward(self, x):\n        return self.part(x)\n"
        "class _Base(nn.Module):\n    def forward(self, x):\n        return x\n"
        "class NoForward(nn.Module):\n    pass\n"
    )
    (suggestion,) = discover(text)[0].suggestions
    assert (suggestion["name"], suggestion["line"]) == ("Whole", 7)
    assert discover(text + "# irlens: Part()(torch.ones(1))\n# irlens: Whole()(torch.ones(1))\n")[0].suggestions == []
    assert discover(text + "__explore__(Whole(), torch.ones(1))\n")[0].suggestions == []


def test_a_class_in_a_class_of_the_file(discover: Discover) -> None:
    """The first layer stands in another class, with sizes that this one gives to it."""
    stem = (
        "class Stem(nn.Module):\n    def __init__(self, size, out=3):\n        super().__init__()\n"
        "        self.fc = nn.Linear(size, out)\n    def forward(self, h):\n        return self.fc(h)\n"
    )
    text = model("self.stem = Stem(width * 2, out=width)", "return self.stem(x)", "width=4") + stem
    assert discover(text)[0].suggestions[0]["text"] == "# irlens: Net()(torch.randn(1, 8))"

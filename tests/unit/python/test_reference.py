"""What a reference holds: arguments, weights and results as the compiled program has them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("torch_mlir")

from irlens_torch.capture.export import export_entry
from irlens_torch.check.reference import make_reference
from irlens_worker.artifacts import StageResult
from irlens_worker.provider import Context, StageFailed

HEAD = "import torch\nfrom torch import nn\n"
TYPES = {"F32": "f", "I64": "q", "BOOL": "?", "F64": "d"}


class Reference:
    """A reference's file, read back."""

    def __init__(self, result: StageResult) -> None:
        data = b"".join(result.attachments["safetensors"])
        length = int.from_bytes(data[:8], "little")
        self.header: dict[str, Any] = json.loads(data[8 : 8 + length])
        self.data = data[8 + length :]
        self.document = result.text or ""
        self.results = json.loads(self.header["__metadata__"]["irlens"])["results"]

    def names(self, kind: str) -> list[str]:
        return [name for name in self.header if name.startswith(f"{kind}.")]

    def type(self, name: str) -> tuple[str, list[int]]:
        return self.header[name]["dtype"], self.header[name]["shape"]

    def values(self, name: str) -> list[Any]:
        begin, end = self.header[name]["data_offsets"]
        return memoryview(self.data)[begin:end].cast(TYPES[self.header[name]["dtype"]]).tolist()


@pytest.fixture
def reference(discover: Callable[[str], Any]) -> Callable[[str], Reference]:
    def run(text: str) -> Reference:
        _, entries = discover(HEAD + text)
        context = Context("model.py", "names", 16, 0, 4096)
        return Reference(make_reference(export_entry(entries[0].payload), context))

    return run


def test_arguments_weights_and_results(reference: Callable[[str], Reference]) -> None:
    found = reference("__explore__(nn.Linear(6, 4), torch.ones(2, 6))\n")
    assert found.names("argument") == ["argument.0"]
    assert found.values("argument.0") == [1.0] * 12
    # A small weight stands in the IR as values, and needs none here.
    assert found.names("weight") == ["weight.weight"]
    assert found.type("weight.weight") == ("F32", [4, 6])
    assert found.type("result.0") == ("F32", [2, 4])
    assert found.results[0]["random"] is False
    assert "weight" in found.document and "f32[4, 6]" in found.document


def test_values_are_those_before_the_call(reference: Callable[[str], Reference]) -> None:
    found = reference(
        "class Count(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.register_buffer('steps', torch.zeros(20))\n"
        "    def forward(self, x):\n"
        "        self.steps += 1\n"
        "        x.mul_(3)\n"
        "        return x + self.steps[0]\n"
        "__explore__(Count(), torch.ones(2))\n"
    )
    assert found.values("argument.0") == [1.0, 1.0]
    assert found.values("weight.steps") == [0.0] * 20
    # What the program stores comes first, as in its IR.
    assert [found.values(name) for name in found.names("result")] == [[1.0] * 20, [3.0] * 2, [4.0] * 2]


def test_leaves_of_inputs_and_outputs(reference: Callable[[str], Reference]) -> None:
    found = reference(
        "def f(pair, *, scale, n):\n"
        "    return {'sum': pair[0] + pair[1], 'none': None, 'big': (pair[0] * scale > n, n)}\n"
        "__explore__(f, (torch.ones(1), torch.zeros(1)), scale=torch.tensor(5), n=2)\n"
    )
    # The number is a constant of the program.
    assert [found.values(name) for name in found.names("argument")] == [[1.0], [0.0], [5]]
    assert [found.values(name) for name in found.names("result")] == [[1.0], [True]]


def test_results_that_depend_on_random_numbers_are_marked(reference: Callable[[str], Reference]) -> None:
    found = reference(
        "def f(x):\n"
        "    noise = torch.rand(3)\n"
        "    return x + noise, x + 1, torch.randn_like(x)\n"
        "__explore__(f, torch.ones(3))\n"
    )
    assert [result["random"] for result in found.results] == [True, False, True]


def test_a_result_knows_its_line(reference: Callable[[str], Reference]) -> None:
    found = reference("def f(x):\n    y = x + 1\n    return y * 2\n__explore__(f, torch.ones(3))\n")
    assert found.results[0]["frames"][0][1] == 5


def test_types(reference: Callable[[str], Reference]) -> None:
    found = reference(
        "def f(x):\n"
        "    return x.half(), x.bfloat16(), x.to(torch.complex64), x.to(torch.int8), x.bool(), x.t()\n"
        "__explore__(f, torch.ones(2, 3, dtype=torch.float64))\n"
    )
    types = [found.type(name)[0] for name in found.names("result")]
    assert types == ["F16", "BF16", "C64", "I8", "BOOL", "F64"]
    assert found.type("result.5") == ("F64", [3, 2])


def test_no_values_on_the_meta_device(reference: Callable[[str], Reference]) -> None:
    with pytest.raises(StageFailed) as failed:
        reference("__explore__(nn.Linear(64, 64, device='meta'), torch.ones(2, 64, device='meta'))\n")
    assert failed.value.status == "unavailable"
    assert "meta device" in failed.value.diagnostics[0].message

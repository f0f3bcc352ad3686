"""Models whose weights are not there, shared, or many: only names and shapes are lowered."""

from __future__ import annotations

import json
import os
import traceback
from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("torch_mlir")

import torch
from conftest import ROOT
from irlens_torch.capture.export import Call, export_entry
from irlens_torch.capture.fx import make_fx
from irlens_torch.capture.torchscript import make_torchscript
from irlens_torch.lower.importer import import_program
from irlens_torch.lower.pipelines import print_module, run_pipeline
from irlens_worker import limits
from torch import nn

Discover = Callable[[str], Any]
HEAD = "import torch\nfrom torch import nn\n"


def lower(call: Call, *stages: str) -> str:
    """The text of the last of these stages, each made from the one before it."""
    rows = {row["id"]: row for row in json.loads((ROOT / "ir_lowering/pipelines.json").read_text())["stages"]}
    module = import_program(export_entry(call).program, call, "names", 16)
    for stage in stages:
        for step in rows[stage]["steps"]:
            if "torch-mlir" in step:
                run_pipeline(module, step["torch-mlir"])
    return print_module(module)


def test_a_billion_parameters_without_memory(discover: Discover) -> None:
    text = HEAD + (
        "class Block(nn.Module):\n    def __init__(self, size, hidden):\n        super().__init__()\n"
        "        self.up, self.down = nn.Linear(size, hidden), nn.Linear(hidden, size)\n"
        "    def forward(self, x):\n        return x + self.down(nn.functional.gelu(self.up(x)))\n"
        "with torch.device('meta'):\n    model = nn.Sequential(*[Block(4096, 16384) for _ in range(8)])\n"
        "x = torch.randn(1, 4096)\n"
    )
    before = limits._own_memory(1)
    _, (entry,) = discover(text)
    assert entry.parameters == 8 * (2 * 4096 * 16384 + 4096 + 16384)
    for stages in (["torch", "linalg"], ["torch", "tosa"], ["torch", "stablehlo"]):
        lowered = lower(entry.payload, *stages)
        assert "dense_resource<p_7.down.weight> : tensor<4096x16384xf32>" in lowered
        assert len(lowered) < 100_000
    assert "aten::linear" in (make_torchscript(entry.payload).text or "")
    assert limits._own_memory(1) - before < 500 << 20


def test_weights_are_never_copied() -> None:
    """In a process that may allocate less than one of the weights takes."""
    with torch.device("meta"):
        model = nn.Sequential(*[nn.Linear(8192, 8192) for _ in range(4)]).eval()
    model.to_empty(device="cpu")
    call = Call(model, (torch.zeros(1, 8192),), {}, frames=[("f.py", 1, 1)])
    lower(Call(nn.Linear(2, 2), (torch.zeros(1, 2),), {}), "torch", "linalg")  # what is allocated once
    child = os.fork()
    if child == 0:
        code = 1
        try:
            limits.limit_memory(100)
            make_fx(export_entry(call))
            make_torchscript(call)
            text = lower(call, "torch", "linalg")
            assert "dense_resource<p_3.weight>" in text and len(text) < 20_000
            code = 2
            model[0].weight.detach().clone()  # the limit is one
        except (MemoryError, RuntimeError):
            code = 0 if code == 2 else 1
            if code:
                traceback.print_exc()
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.parametrize("model", ["real", "meta", "fake"])
@pytest.mark.parametrize("inputs", ["real", "meta", "fake"])
def test_where_things_are_does_not_matter(discover: Discover, model: str, inputs: str) -> None:
    places = "from torch._subclasses.fake_tensor import FakeTensorMode\nimport contextlib\nmode = FakeTensorMode()\n"
    where = {"real": "contextlib.nullcontext()", "meta": "torch.device('meta')", "fake": "mode"}
    text = (
        HEAD
        + places
        + (
            f"with {where[model]}:\n    model = nn.Sequential(nn.Linear(16, 8), nn.BatchNorm1d(8))\n"
            f"with {where[inputs]}:\n    x = torch.ones(2, 16)\n"
        )
    )
    for source in (text, text + "__explore__(model, x)\n"):
        discovery, (entry,) = discover(source)
        assert (entry.signature, discovery.diagnostics) == ("f32[2, 16]", [])
        assert "dense_resource<p_0.weight> : tensor<8x16xf32>" in lower(entry.payload, "torch", "linalg")
        assert "aten::linear" in (make_torchscript(entry.payload).text or "")


def test_shared_weights_have_one_name(discover: Discover) -> None:
    text = HEAD + (
        "class Model(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.embed = nn.Embedding(100, 32)\n        self.head = nn.Linear(32, 100, bias=False)\n"
        "        self.head.weight = self.embed.weight\n        self.block = nn.Linear(32, 32)\n"
        "        self.again = self.block\n"
        "    def forward(self, ids):\n        return self.head(self.again(self.block(self.embed(ids))))\n"
        "model, ids = Model(), torch.zeros(1, 8).long()\n__explore__(model, ids)\n"
    )
    _, (entry,) = discover(text)
    assert entry.parameters == 100 * 32 + 32 * 32 + 32
    exported = export_entry(entry.payload)
    code = make_fx(exported).text or ""
    assert code.count("self.get_parameter(") == 3
    for name in ("head.weight", "again.weight", "again.bias"):
        assert f'"{name}"' in code
        assert f"dense_resource<{name}>" in lower(entry.payload, "torch", "linalg")
    assert "embed.weight" not in code and "block." not in code

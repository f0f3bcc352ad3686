"""Stages that tools make, and stages of texts, in the real worker: what they give and what they refuse."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mlir_worker import is_gone, wait_for
from python_worker import ROOT, ROWS, TABLE, Worker, statuses

pytest.importorskip("torch")

Json = dict[str, Any]
TANH = """\
func.func @main(%x: !torch.vtensor<[2,3],f32>) -> !torch.vtensor<[2,3],f32> {
  %y = torch.aten.tanh %x : !torch.vtensor<[2,3],f32> -> !torch.vtensor<[2,3],f32>
  return %y : !torch.vtensor<[2,3],f32>
}
"""
COPY = (ROOT / "tests/editors/copy.ttir").read_text()


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    worker = Worker(tmp_path_factory.mktemp("worker"))
    yield worker
    worker.close()


def tool(stage: str, parent: str, name: str, *args: str, **more: str) -> Json:
    """A user's row with one tool."""
    return {"id": stage, "from": parent, "steps": [{"tool": name, "args": list(args), **more}]}


def kernel_row(stage: str, target: str = "sm_90", **changes: str) -> Json:
    """A built-in row of kernels."""
    row = next(row for row in reversed(TABLE["stages"]) if row["id"] == stage)
    found: Json = json.loads(json.dumps(row).replace("{target}", target))
    return {**found, **changes}


class Run:
    """A finished `lower` job of a text that enters at a stage."""

    def __init__(self, worker: Worker, folder: Path, stage: str, text: str | bytes, *rows: Json, **more: Any) -> None:
        self.out = folder / f"out-{stage}-{rows[0]['id']}"
        self.out.mkdir(parents=True)
        path = self.out / f"{stage}.raw"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        given = {"stage": stage, "path": str(path), "format": "mlir", "name": "/ws/given.mlir"}
        job = worker.lower("given", stage, path, self.out, rows=list(rows), input=given, **more)
        self.statuses = statuses(worker.finish(job))

    def details(self, stage: str) -> Any:
        return json.loads((self.out / "given" / f"{stage}.json").read_text())

    def text(self, stage: str, extension: str = "raw") -> str:
        return (self.out / "given" / f"{stage}.{extension}").read_text()

    def error(self, stage: str) -> tuple[str, list[list[Any]]]:
        (found,) = self.details(stage)["diagnostics"]
        return found["message"], found["frames"]


def test_tools_and_pipelines_take_turns(worker: Worker, tmp_path: Path) -> None:
    pytest.importorskip("torch_mlir")
    rows = [
        tool("one", "torch", "torch-mlir-opt", "--convert-torch-to-linalg", "--mlir-print-ir-after-all"),
        {"id": "two", "from": "one", "format": "mlir",
         "steps": [{"torch-mlir": "builtin.module(torch-func-backend-type-conversion)"}]},
        tool("three", "two", "torch-mlir-opt", "--canonicalize"),
        tool("beside", "one", "torch-mlir-opt", "--cse"),
    ]  # fmt: skip
    run = Run(worker, tmp_path, "torch", TANH, *rows)
    assert set(run.statuses.values()) == {"ok"} and len(run.statuses) == 5
    assert "IR Dump After ConvertTorchToLinalg" in run.text("one", "stderr")
    assert not (run.out / "given/three.stderr").exists()
    assert run.details("three")["format"] == "mlir" and run.details("three")["diagnostics"] == []
    assert 'loc("/ws/given.mlir":2:8)' in run.text("three") and "tensor<2x3xf32>" in run.text("three")


def test_a_text_enters_before_the_stages_of_torch(worker: Worker, tmp_path: Path) -> None:
    pytest.importorskip("torch_mlir")
    run = Run(worker, tmp_path, "torch", TANH, ROWS["linalg"], ROWS["tosa"], ROWS["stablehlo"])
    assert set(run.statuses.values()) == {"ok"}
    assert "tosa.tanh" in run.text("tosa") and 'loc("/ws/given.mlir":2:8)' in run.text("tosa")


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        (TANH.replace("aten.tanh", "aten.tanhh"), "custom op 'torch.aten.tanhh' is unknown", 2),
        (b"BC\xc0\xde", "given.mlir is LLVM bitcode, and the text of it is needed here", 1),
        (TANH.encode() + b"// \xe4\n", "given.mlir is no UTF-8 text: byte 0xe4 in line 5", 5),
        (b"\0", "given.mlir is binary, and text is needed here", 1),
    ],
)
def test_a_text_that_cannot_be_read(worker: Worker, tmp_path: Path, text: str | bytes, message: str, line: int) -> None:
    pytest.importorskip("torch_mlir")
    run = Run(worker, tmp_path, "torch", text, tool("mine", "torch", "torch-mlir-opt", "--cse"), ROWS["linalg"])
    for stage in ("mine", "linalg"):
        said, frames = run.error(stage)
        assert (said, frames[0][:2]) == (message, ["/ws/given.mlir", line])


def test_wrong_arguments_have_no_place_in_the_text(worker: Worker, tmp_path: Path) -> None:
    pytest.importorskip("torch_mlir")
    run = Run(worker, tmp_path, "torch", TANH, tool("mine", "torch", "torch-mlir-opt", "--canonicaliz"))
    said, frames = run.error("mine")
    assert said.endswith("did you mean canonicalize?") and frames == []


def program(folder: Path, text: str) -> str:
    """A tool of the user's own."""
    path = folder / "torch-mlir-opt"
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)
    return str(path)


def test_the_users_own_program(worker: Worker, tmp_path: Path) -> None:
    path = program(tmp_path, 'echo "$@"; cat; echo "<stdin>:2:3: warning: mind" >&2\n')
    run = Run(worker, tmp_path, "torch", TANH, tool("mine", "torch", "torch-mlir-opt", "--x=a b", "$(id)", path=path))
    assert run.statuses["given/mine"] == "ok"
    assert run.text("mine") == "--x=a b $(id) --mlir-print-debuginfo -\n" + TANH
    assert run.text("mine", "stderr") == "/ws/given.mlir:2:3: warning: mind\n"
    (found,) = run.details("mine")["diagnostics"]
    assert (found["severity"], found["message"], found["frames"]) == ("warning", "mind", [["/ws/given.mlir", 2, 3]])


@pytest.mark.parametrize(
    ("text", "message", "frames"),
    [
        ('echo "<stdin>:2:3: error: no" >&2; exit 1\n', "no", [["/ws/given.mlir", 2, 3]]),
        ('echo "odd: unknown flag" >&2; exit 1\n', "odd: unknown flag", []),
        ("exit 3\n", "torch-mlir-opt ended with exit status 3", []),
        ("kill -SEGV $$\n", "torch-mlir-opt was ended by SIGSEGV", []),
    ],
)
def test_a_program_that_fails(worker: Worker, tmp_path: Path, text: str, message: str, frames: list[list[Any]]) -> None:
    path = program(tmp_path, text)
    run = Run(worker, tmp_path, "torch", TANH, tool("mine", "torch", "torch-mlir-opt", path=path))
    assert run.error("mine") == (message, frames)


def test_a_program_that_is_not_there(worker: Worker, tmp_path: Path) -> None:
    path = str(tmp_path / "gone")
    run = Run(worker, tmp_path, "torch", TANH, tool("mine", "torch", "torch-mlir-opt", path=path))
    assert run.error("mine") == (f"{path} cannot be run: there is no such program", [])


def test_a_program_that_does_not_end(worker: Worker, tmp_path: Path) -> None:
    path = program(tmp_path, f"echo $$ > {tmp_path}/pid; exec sleep 600\n")
    row = tool("mine", "torch", "torch-mlir-opt", path=path)
    run = Run(worker, tmp_path, "torch", TANH, row, timeout_ms=3000)
    assert run.statuses == {"end": "timeout", "given/mine": "timeout"}
    assert run.error("mine")[0] == "mine stopped after the time limit of 3 s"
    wait_for(lambda: is_gone(int((tmp_path / "pid").read_text())))


def test_the_program_that_a_variable_names(tmp_path: Path) -> None:
    path = program(tmp_path, "echo mine; cat\n")
    worker = Worker(tmp_path, TORCH_MLIR_OPT_PATH=os.path.dirname(path))
    run = Run(worker, tmp_path, "torch", TANH, tool("mine", "torch", "torch-mlir-opt"))
    worker.close()
    assert run.text("mine") == "mine\n" + TANH


def test_without_torch_mlir_a_tool_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "torch_mlir.py").write_text("raise ImportError('broken')\n")
    worker = Worker(tmp_path, PYTHONPATH=str(tmp_path))
    run = Run(worker, tmp_path, "torch", TANH, tool("mine", "torch", "torch-mlir-opt", "--cse"))
    worker.close()
    assert run.statuses["given/mine"] == "unavailable"
    assert run.error("mine")[0].startswith("mine needs torch-mlir, which is not installed")


def test_kernels_enter_at_each_stage(worker: Worker, tmp_path: Path) -> None:
    """The text of each stage alone gives what comes after it, for its target."""
    pytest.importorskip("triton")
    below = ["ttgir", "triton-llvm-ir", "ptx", "sass"]
    whole = Run(worker, tmp_path, "ttir", COPY, *map(kernel_row, below))
    assert set(whole.statuses.values()) == {"ok"}
    assert 'loc("/ws/given.mlir":' in whole.text("ttgir")
    for at, stage in enumerate(below[:-1]):
        run = Run(worker, tmp_path, stage, whole.text(stage), *map(kernel_row, below[at + 1 :]))
        assert set(run.statuses.values()) == {"ok"}, stage
        assert run.text("sass") == whole.text("sass"), stage
    other = kernel_row("triton-llvm-ir", "gfx942")
    refused = Run(worker, tmp_path / "other", "ttgir", whole.text("ttgir"), other, kernel_row("amdgcn", "gfx942"))
    assert refused.statuses == {"end": "ok", "given/triton-llvm-ir": "unavailable", "given/amdgcn": "unavailable"}
    assert refused.error("triton-llvm-ir")[0] == "the text was made for sm_90, not for gfx942"


def test_targets_of_one_text(worker: Worker, tmp_path: Path) -> None:
    pytest.importorskip("triton")
    second = {"id": "ttgir.gfx942"}
    rows = [kernel_row("ttgir"), kernel_row("ttgir", "gfx942", **second)]
    rows += [kernel_row("triton-llvm-ir", "gfx942", **{"from": "ttgir.gfx942"})]
    run = Run(worker, tmp_path, "ttir", COPY, *rows)
    assert 'ttg.target = "cuda:90"' in run.text("ttgir") and 'ttg.target = "hip:gfx942"' in run.text("ttgir.gfx942")
    assert "amdgpu_kernel" in run.text("triton-llvm-ir")


def test_kernels_that_cannot_be_read(worker: Worker, tmp_path: Path) -> None:
    pytest.importorskip("triton")
    broken = Run(worker, tmp_path, "ttir", COPY.replace("tt.load", "tt.lode"), kernel_row("ttgir"))
    said, frames = broken.error("ttgir")
    line = 1 + COPY[: COPY.index("tt.load")].count("\n")
    assert "tt.lode" in said and frames[0][:2] == ["/ws/given.mlir", line]
    other = Run(worker, tmp_path / "other", "ttir", "module {}\n", kernel_row("ttgir"))
    assert other.error("ttgir")[0].startswith("given.mlir is no IR of Triton's")


def test_triton_opt_between_stages(worker: Worker, tmp_path: Path) -> None:
    pytest.importorskip("triton")
    convert = tool("mine", "ttir", "triton-opt", "--convert-triton-to-tritongpu=target=cuda:90 num-warps=2", "--cse")
    below = kernel_row("triton-llvm-ir", **{"from": "mine"})
    run = Run(worker, tmp_path, "ttir", COPY, convert, below, kernel_row("ptx"))
    assert set(run.statuses.values()) == {"ok"}
    assert run.details("mine")["format"] == "mlir"
    assert ".reqntid 64" in run.text("ptx")


def test_a_users_stage_keeps_the_rewrites_of_its_backend(worker: Worker, tmp_path: Path) -> None:
    """TOSA takes no roll: a stage of its backend gets it in other terms, whatever the stage is called."""
    pytest.importorskip("torch_mlir")
    file = tmp_path / "model.py"
    file.write_text("import torch\n__explore__(lambda x: torch.roll(x, 1, 0), torch.ones(5, 3))\n")
    named = {**ROWS["tosa"], "id": "mine"}
    plain = {key: value for key, value in named.items() if key != "backend"} | {"id": "plain"}
    job = worker.capture(file, tmp_path / "run", rows=[ROWS["torch"], named, plain])
    found = statuses(worker.finish(job))
    entry = next(name for name in found if name.endswith("/mine")).removesuffix("/mine")
    assert (found[f"{entry}/mine"], found[f"{entry}/plain"]) == ("ok", "failed")
    assert "aten.roll" in json.loads((tmp_path / f"run/{entry}/mine.json").read_text())["note"]


def test_a_step_that_nobody_knows(worker: Worker, tmp_path: Path) -> None:
    run = Run(worker, tmp_path, "torch", TANH, tool("mine", "torch", "sed", "s/a/b/"), tool("next", "mine", "sed"))
    assert run.statuses == {"end": "ok", "given/mine": "unavailable", "given/next": "unavailable"}
    assert run.error("mine")[0] == "mine needs a worker that knows its steps (sed); the Python worker does not"

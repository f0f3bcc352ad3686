"""Files with Triton kernels that go wrong: what could be captured stays, and the reason is clear."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from python_worker import ROOT, TABLE, Worker

pytest.importorskip("triton")
pytest.importorskip("torch")

KERNEL = """\
import torch
import triton
import triton.language as tl

@triton.jit
def add(x_ptr, y_ptr, n, BLOCK: tl.constexpr):
    o = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    tl.store(y_ptr + o, tl.load(x_ptr + o, mask=o < n), mask=o < n)

x = torch.rand(4096, device="cuda")
add[(4,)](x, x, 4096, BLOCK=1024)
"""
AFTER = KERNEL.count("\n") + 1


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    worker = Worker(tmp_path_factory.mktemp("worker"))
    yield worker
    worker.close()


def rows(*stages: str, source: str = "kernel", target: str = "sm_90") -> list[dict[str, Any]]:
    """Rows of kernels; those of another source begin with the first of the stages."""
    by_id = {row["id"]: row for row in TABLE["stages"]}
    found = [json.loads(json.dumps(by_id[stage]).replace("{target}", target)) for stage in stages]
    return found if source == "kernel" else [{**found[0], "from": source}, *found[1:]]


class Run:
    """A finished capture: how it ended, and what it left."""

    def __init__(self, worker: Worker, folder: Path, text: str, name: str = "kernel.py", **options: Any) -> None:
        self.file = folder / name
        self.file.write_text(text)
        self.out = folder / "out"
        stages = options.pop("stages", rows("ttir", "ttgir", "triton-llvm-ir", "ptx"))
        events = worker.finish(worker.capture(self.file, self.out, rows=stages, **options))
        self.end = events[-1]
        self.statuses = {
            f"{event['entry']}/{event['stage']}": event["status"]
            for event in events
            if event["event"] == "stage" and event["status"] != "running"
        }
        self.report = json.loads((self.out / "run.json").read_text())
        self.diagnostics = [(item["severity"], item["message"]) for item in self.report["diagnostics"]]

    def details(self, stage: str) -> Any:
        return json.loads((self.out / f"{stage}.json").read_text())


ALL_OK = {f"add/{stage}": "ok" for stage in ("ttir", "ttgir", "triton-llvm-ir", "ptx")}


def test_good_file(worker: Worker, tmp_path: Path) -> None:
    run = Run(worker, tmp_path, KERNEL)
    assert (run.end["status"], run.statuses, run.diagnostics) == ("ok", ALL_OK, [])
    entry = json.loads((run.out / "add/entry.json").read_text())
    assert (entry["origin"], entry["kind"], entry["line"], entry["class_line"]) == ("kernel", "kernel", AFTER - 1, 6)


def test_kernel_with_an_error(worker: Worker, tmp_path: Path) -> None:
    run = Run(worker, tmp_path, KERNEL.replace("tl.load(x_ptr + o", "tl.load(missing + o"))
    assert run.statuses == {**dict.fromkeys(ALL_OK, "failed")}
    (found,) = run.details("add/ttir")["diagnostics"]
    assert "missing is not defined" in found["message"]
    assert found["frames"] == [[str(run.file), 8, 33]]


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("import sys\nname = sys.argv[1]\n", "IndexError: list index out of range", AFTER + 1),
        (
            "import argparse\np = argparse.ArgumentParser()\np.add_argument('data')\np.parse_args()\n",
            "exit(2)",
            AFTER + 3,
        ),
        ("w = torch.load('weights.pt')\n", "FileNotFoundError", AFTER),
        ("assert x.sum().item() == 3\n", "AssertionError", AFTER),
        ("raise SystemExit(1)\n", "exit(1)", AFTER),
        ("this is no Python\n", "SyntaxError", AFTER),
    ],
)
def test_scripts_that_stop(worker: Worker, tmp_path: Path, text: str, message: str, line: int) -> None:
    run = Run(worker, tmp_path, KERNEL + text)
    assert run.statuses == ({} if "SyntaxError" in message else ALL_OK)
    found = next(item for item in run.report["diagnostics"] if message in item["message"])
    assert line in [frame[1] for frame in found["frames"]]


def test_assertion_about_results_is_a_warning(worker: Worker, tmp_path: Path) -> None:
    run = Run(worker, tmp_path, KERNEL + "assert x.sum().item() > 3\n")
    assert run.end["status"] == "ok"
    assert run.diagnostics == [
        ("warning", "AssertionError"),
        ("hint", "item(): nothing runs on a GPU here, so the value is made up"),
    ]


def test_launch_before_an_endless_loop(worker: Worker, tmp_path: Path) -> None:
    run = Run(worker, tmp_path, KERNEL + "while True:\n    pass\n", timeout_ms=8000)
    assert (run.end["status"], run.statuses) == ("timeout", ALL_OK)
    assert run.end["line"] in (AFTER, AFTER + 1)


def test_models_and_kernels_in_one_file(worker: Worker, tmp_path: Path) -> None:
    text = KERNEL + "__explore__(torch.nn.Linear(3, 2), torch.ones(1, 3))\n__explore__(add, x, x, 7, BLOCK=64)\n"
    stages = rows("ttir") + rows("fx", source="model")
    run = Run(worker, tmp_path, text, stages=stages)
    assert run.statuses == {"add/ttir": "ok", "add.n-unaligned.BLOCK-64/ttir": "ok", "Linear/fx": "ok"}


def test_kernels_without_a_launch(worker: Worker, tmp_path: Path) -> None:
    run = Run(worker, tmp_path, KERNEL[: KERNEL.index("x = torch")])
    assert run.report["suggestions"] == [
        {"name": "add", "line": 6, "text": "# irlens: add(*fp32, *fp32, i32, BLOCK=64)"}
    ]
    assert (run.end["status"], run.statuses) == ("ok", {})


def test_a_later_stage_goes_on_from_the_text(worker: Worker, tmp_path: Path) -> None:
    text = KERNEL.replace("BLOCK=1024", "BLOCK=1024, num_warps=8")
    run = Run(worker, tmp_path, text, stages=rows("ttir", "ttgir", "triton-llvm-ir", "ptx"))
    whole = (run.out / "add/ptx.raw").read_bytes()
    (run.out / "add/ptx.raw").unlink()
    job = worker.lower("add", "ttir", run.out / "add/ttir.raw", run.out, rows=rows("ttgir", "triton-llvm-ir", "ptx"))
    assert worker.finish(job)[-1]["status"] == "ok"
    assert (run.out / "add/ptx.raw").read_bytes() == whole
    assert b".maxntid 256" in whole or b".reqntid 256" in whole


def test_ir_files(worker: Worker, tmp_path: Path) -> None:
    made = Run(worker, tmp_path, KERNEL)
    text = (made.out / "add/ttgir.raw").read_text()
    stages = rows("ttgir", "triton-llvm-ir", "ptx", source="triton-ir")
    run = Run(worker, tmp_path, text, "alone.ttgir", stages=stages)
    assert run.statuses == {"add/ttgir": "ok", "add/triton-llvm-ir": "ok", "add/ptx": "ok"}
    broken = Run(worker, tmp_path, text.replace("tt.load", "tt.lode"), "broken.ttgir", stages=stages)
    (found,) = broken.details("add/ttgir")["diagnostics"]
    assert "tt.lode" in found["message"] and found["frames"][0][0] == str(broken.file)
    other = Run(worker, tmp_path, text, "other.ttgir", stages=rows("ttgir", source="triton-ir", target="gfx942"))
    assert other.statuses == {"add/ttgir": "unavailable"}
    empty = Run(worker, tmp_path, "module {}\n", "empty.ttir", stages=stages)
    assert empty.diagnostics == [("error", "the file has no tt.func")]


def test_passes_are_files(worker: Worker, tmp_path: Path) -> None:
    run = Run(worker, tmp_path, KERNEL, passes=["ttgir"])
    folder = run.out / "add/ttgir.passes"
    passes = json.loads((folder / "passes.json").read_text())["passes"]
    assert [item["index"] for item in passes] == list(range(len(passes)))
    assert (folder / passes[-1]["file"]).read_text() == (run.out / "add/ttgir.raw").read_text()
    assert {path.name for path in folder.glob("*.raw")} == {item["file"] for item in passes}
    assert not (run.out / "add/ttir.passes").exists()


def test_passes_up_to_one_that_fails(worker: Worker, tmp_path: Path) -> None:
    text = (ROOT / "tests/editors/copy.ttir").read_text()
    text = text.replace(
        "    tt.store %target, %values", "    %wave = math.tanh %values : tensor<128xf32>\n    tt.store %target, %wave"
    )
    stages = rows("ttgir", "triton-llvm-ir", source="triton-ir")
    run = Run(worker, tmp_path, text, "copy.ttir", stages=stages, passes=["ttgir"])
    assert run.statuses == {"copy/ttgir": "failed", "copy/triton-llvm-ir": "failed"}
    folder = run.out / "copy/ttgir.passes"
    first, failing = json.loads((folder / "passes.json").read_text())["passes"]
    assert (first["name"], failing["name"]) == ("input", "ttir.convert_to_ttgpuir")
    assert "failed" not in first and failing["failed"] and not failing["changed"]
    assert first["file"] == failing["file"], "the text before it"
    assert (run.out / "copy/ttgir.raw").read_text() == (folder / first["file"]).read_text()
    details = run.details("copy/ttgir")
    assert details["format"] == "mlir"
    assert [item["pass"] for item in details["diagnostics"]] == ["ttir.convert_to_ttgpuir"]


# LLVM dies outside of MLIR's passes, where nobody catches it.
DYING = """\
import os
from triton.backends.nvidia import compiler

class Dying:
    llvm = compiler.llvm
    def __getattr__(self, name):
        return getattr(self.llvm, name)
    def to_module(self, *args):
        os.write(2, b"LLVM ERROR: cannot translate\\n")
        os.abort()

compiler.llvm = Dying()
"""


def test_passes_before_a_crash(worker: Worker, tmp_path: Path) -> None:
    run = Run(worker, tmp_path, DYING + KERNEL, passes=["triton-llvm-ir"])
    assert run.statuses == {**ALL_OK, "add/triton-llvm-ir": "crashed", "add/ptx": "failed"}
    passes = json.loads((run.out / "add/triton-llvm-ir.passes/passes.json").read_text())["passes"]
    assert len(passes) > 10
    assert [item["name"] for item in passes if item.get("failed")] == ["llvm.to_module"] == [passes[-1]["name"]]
    details = run.details("add/triton-llvm-ir")
    assert details["format"] == "mlir" and "llvm.func" in (run.out / "add/triton-llvm-ir.raw").read_text()
    (found,) = details["diagnostics"]
    assert found["message"] == "triton-llvm-ir aborted (SIGABRT): cannot translate"
    assert found["pass"] == "llvm.to_module"


def test_unknown_target(worker: Worker, tmp_path: Path) -> None:
    run = Run(worker, tmp_path, KERNEL, stages=rows("ttir", target="h100"))
    (found,) = run.details("add/ttir")["diagnostics"]
    assert found["message"] == "unknown GPU target 'h100': expected one like sm_90 or gfx942"

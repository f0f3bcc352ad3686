"""Programs that print IR: what they print on stdout is kept alone, whatever they do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from python_worker import Worker

pytest.importorskip("torch")


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    worker = Worker(tmp_path_factory.mktemp("worker"))
    yield worker
    worker.close()


class Run:
    """A finished capture of a program."""

    def __init__(self, worker: Worker, folder: Path, text: str, **options: Any) -> None:
        file = folder / "program.py"
        file.write_text(text)
        self.out = folder / "out"
        self.end = worker.finish(worker.capture(file, self.out, **options))[-1]
        self.report = json.loads((self.out / "run.json").read_text())
        self.messages = [(item["severity"], item["message"]) for item in self.report["diagnostics"]]
        self.raw = (self.out / "output.raw-ir").read_text()


def test_stdout_alone_is_the_ir(worker: Worker, tmp_path: Path) -> None:
    text = (
        "# irlens: output=mlir\nimport os, sys\nprint('module {')\nprint('warning', file=sys.stderr)\n"
        "if __name__ == '__main__':\n    os.system('echo }')\n"
    )
    run = Run(worker, tmp_path, text)
    assert run.raw == "module {\n}\n"
    assert run.report["raw"] == {"file": "output.raw-ir", "level": "mlir", "line": 1}
    assert (run.end["status"], run.report["entries"], run.messages) == ("ok", [], [])
    assert sorted((run.out / "output.txt").read_text().splitlines()) == ["module {", "warning", "}"]


def test_models_in_it_are_left_alone(worker: Worker, tmp_path: Path) -> None:
    text = "# irlens: output=auto\nimport torch\nnet = torch.nn.Linear(2, 2)\nprint(net(torch.ones(1, 2)).shape)\n"
    run = Run(worker, tmp_path, text)
    assert (run.raw, run.report["entries"]) == ("torch.Size([1, 2])\n", [])


def test_kernels_can_be_launched(worker: Worker, tmp_path: Path) -> None:
    pytest.importorskip("triton")
    text = (
        "# irlens: output=ttir\nimport torch, triton\nimport triton.language as tl\n@triton.jit\n"
        "def clear(x_ptr, B: tl.constexpr):\n    tl.store(x_ptr + tl.arange(0, B), 0.0)\n"
        "x = torch.rand(64, device='cuda')\nprint(clear[(1,)](x, B=64).asm['ttir'])\n"
    )
    assert "tt.func public @clear" in Run(worker, tmp_path, text).raw


SEGFAULT = "the script crashed with a segmentation fault (SIGSEGV)"
CHILD = "import os, time\nif os.fork() == 0:\n    time.sleep(30)\n"


@pytest.mark.parametrize(
    ("text", "status", "message"),
    [
        ("raise ValueError('no')\n", "failed", ("error", "ValueError: no")),
        ("import os\nos._exit(3)\n", "crashed", ("error", "the script called os._exit(3)")),
        ("import ctypes\nctypes.string_at(8)\n", "crashed", ("error", SEGFAULT)),
        (CHILD, "ok", None),
        (CHILD + "os._exit(3)\n", "crashed", ("error", "the script called os._exit(3)")),
    ],
)
def test_what_was_printed_before_stays(
    worker: Worker, tmp_path: Path, text: str, status: str, message: tuple[str, str] | None
) -> None:
    run = Run(worker, tmp_path, "# irlens: output=mlir\nprint('module {}')\n" + text)
    assert (run.raw, run.end["status"]) == ("module {}\n", status)
    assert run.messages == ([message] if message else [])


def test_what_was_printed_before_time_was_over_stays(worker: Worker, tmp_path: Path) -> None:
    text = "# irlens: output=mlir\nprint('module {}', flush=True)\nimport ctypes, time\nctypes.CDLL(None).sleep(60)\n"
    run = Run(worker, tmp_path, text, timeout_ms=3000)
    assert (run.raw, run.end["status"]) == ("module {}\n", "timeout")
    assert run.report["raw"]["level"] == "mlir"


def test_nothing_printed(worker: Worker, tmp_path: Path) -> None:
    run = Run(worker, tmp_path, "x = 1  # irlens: output=llvm\n")
    assert run.messages == [("warning", "output=llvm says that the program prints IR, and it prints nothing")]
    assert run.report["diagnostics"][0]["frames"][0][1:] == [1, 25]


def test_more_than_anybody_reads(worker: Worker, tmp_path: Path) -> None:
    run = Run(worker, tmp_path, "# irlens: output=mlir\nprint('x' * 999)\n", output_limit=100)
    assert run.raw == "x" * 100
    assert run.messages == [("error", "the program prints 1000 bytes; the IR is cut after 100")]

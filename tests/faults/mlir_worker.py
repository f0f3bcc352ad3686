"""Talks to a real `irlens-mlir` process over its protocol, for tests."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from worker_process import WorkerProcess

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("IRLENS_BIN_DIR", ROOT / "build/bin")) / "irlens-mlir"

X86 = {"target": {"triple": "x86_64-unknown-linux-gnu", "cpu": "x86-64", "features": ""}}
AMDGCN = {"target": {"triple": "amdgcn-amd-amdhsa", "cpu": "gfx942", "features": ""}}


def row(stage: str, source: str, *steps: dict[str, Any], format: str = "asm") -> dict[str, Any]:
    return {"id": stage, "from": source, "format": format, "steps": list(steps)}


def straight_line(length: int) -> str:
    """A function without loops: LLVM's time for it grows with the square of its length."""
    lines = ["define void @main(ptr %p, ptr %q) {"]
    for i in range(length):
        lines += [
            f"  %a{i} = getelementptr float, ptr %p, i64 {i}",
            f"  %v{i} = load float, ptr %a{i}",
            f"  %w{i} = fadd float %v{i}, 1.0",
            f"  %b{i} = getelementptr float, ptr %q, i64 {i}",
            f"  store float %w{i}, ptr %b{i}",
        ]
    return "\n".join([*lines, "  ret void", "}", ""])


class MlirWorker(WorkerProcess):
    """An irlens-mlir process."""

    def __init__(self, folder: Path) -> None:
        super().__init__([str(PROGRAM)], folder)

    def lower(self, path: Path, out: Path, *rows: dict[str, Any], **options: Any) -> int:
        """Asks for a job over LLVM IR, or MLIR by the file's name; returns its number."""
        self._jobs += 1
        form = "mlir" if path.suffix == ".mlir" else "llvm"
        request = {
            "op": "run",
            "job": self._jobs,
            "kind": "lower",
            "entry": "Net",
            "input": {"stage": "in", "path": str(path), "format": form},
            "out": str(out),
            "timeout_ms": 60000,
            "memory_mb": 4096,
            "parallel": 2,
            "weights": "names",
            "stages": list(rows),
            **options,
        }
        self.send(request)
        return self._jobs

    def until(self, **wanted: Any) -> list[dict[str, Any]]:
        """All events up to the first with these values."""
        events = []
        while True:
            events.append(self.event())
            if wanted.items() <= events[-1].items():
                return events

    def close(self) -> None:
        super().close()
        assert self.process.returncode == 0


def children(pid: int) -> list[int]:
    """The child processes, the oldest first."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def wait_for(condition: Any, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def is_gone(pid: int) -> bool:
    """True for zombies, too: nobody but their parent can end these."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] in "ZX"
    except OSError:
        return True

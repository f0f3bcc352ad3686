"""Talks to a real `irlens-mlir` process over its protocol, for tests."""

from __future__ import annotations

import json
import os
import select
import subprocess
import time
from pathlib import Path
from typing import Any

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


class MlirWorker:
    """A worker process; events are read with a time limit, so that no test hangs."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "worker.log"
        self.process = subprocess.Popen(
            [PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log.open("wb")
        )
        self._rest = b""
        self._jobs = 0
        self.hello = self.event()

    def send(self, message: object) -> None:
        assert self.process.stdin
        line = message if isinstance(message, bytes) else json.dumps(message).encode()
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()

    def event(self, seconds: float = 60) -> dict[str, Any]:
        assert self.process.stdout
        end = time.monotonic() + seconds
        while b"\n" not in self._rest:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, end - time.monotonic()))
            assert ready, f"no event in {seconds} s; log:\n{self.log.read_text()}"
            chunk = os.read(self.process.stdout.fileno(), 65536)
            assert chunk, f"the worker has ended; log:\n{self.log.read_text()}"
            self._rest += chunk
        line, self._rest = self._rest.split(b"\n", 1)
        assert len(line) < 4095
        found = json.loads(line)
        assert isinstance(found, dict)
        return found

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

    def finish(self, job: int) -> list[dict[str, Any]]:
        """All events of a job up to its end."""
        return [event for event in self.until(event="end", job=job) if event.get("job") == job]

    def close(self) -> None:
        """Ends the worker by the end of its input; it must go at once."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        try:
            assert self.process.wait(10) == 0
        finally:
            self.process.kill()
            self.process.stdout.close()


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

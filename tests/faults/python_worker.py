"""Talks to a real `python -m irlens_worker` process over its protocol, for tests."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from worker_process import WorkerProcess

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = os.pathsep.join(str(ROOT / folder) for folder in ("engine/worker", "ir_lowering/torch", "triton"))
TABLE = json.loads((ROOT / "ir_lowering/pipelines.json").read_text())
# Of models, whose rows come first: kernels have some of the same ids.
ROWS = {row["id"]: row for row in reversed(TABLE["stages"])}


class Worker(WorkerProcess):
    """The Python worker."""

    def __init__(self, folder: Path, **environment: str) -> None:
        path = os.pathsep.join(filter(None, [environment.pop("PYTHONPATH", ""), PACKAGES]))
        program = [sys.executable, "-m", "irlens_worker"]
        super().__init__(program, folder, {"PYTHONPATH": path, **environment})

    def capture(self, file: Path, out: Path, stages: str = "output,fx", **options: Any) -> int:
        """Asks for a capture job; returns its number. `rows` are those of other sources than models."""
        self._jobs += 1
        rows = options.pop("rows", None) or [ROWS[name] for name in stages.split(",")]
        request = {
            "op": "run",
            "job": self._jobs,
            "kind": "capture",
            "file": str(file),
            "cwd": str(file.parent),
            "out": str(out),
            "timeout_ms": 60000,
            "memory_mb": 4096,
            "output_limit": 1 << 20,
            "parallel": 2,
            "stages": rows,
            **options,
        }
        self.send(request)
        return self._jobs

    def lower(
        self,
        entry: str,
        stage: str,
        path: Path,
        out: Path,
        stages: str = "",
        rows: list[dict[str, Any]] | None = None,
        **options: Any,
    ) -> int:
        """Asks for a lower job that starts from an artifact; returns its number."""
        self._jobs += 1
        given = {"stage": stage, "path": str(path), "format": "mlir"}
        rows = rows or [ROWS[name] for name in stages.split(",")]
        request = {"op": "run", "job": self._jobs, "kind": "lower", "entry": entry}
        self.send({**request, "input": given, "out": str(out), "stages": rows, **options})
        return self._jobs


def statuses(events: list[dict[str, Any]]) -> dict[str, str]:
    """The final status of each stage, as `entry/stage` or, of the job, `end`."""
    found = {"end": events[-1]["status"]}
    for event in events:
        if event["event"] == "stage" and event["status"] != "running":
            name = f"{event['entry']}/{event['stage']}"
            assert name not in found, f"two answers for {name}"
            found[name] = event["status"]
    return found


def diagnostics(out: Path, stage: str = "") -> list[dict[str, Any]]:
    """The diagnostics of the run, or of `entry/stage`."""
    path = out / (f"{stage}.json" if stage else "run.json")
    found = json.loads(path.read_text())["diagnostics"]
    assert isinstance(found, list)
    return found

"""Runs files as the discovery of irlens_triton does, for tests.

A file runs in a process of its own: it replaces a good part of torch and Triton.
"""

from __future__ import annotations

import json
import os
import sys
import textwrap
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "engine/worker"), str(ROOT / "triton")]

EXAMPLES = sorted((ROOT / "examples" / "triton").glob("*.py"))


@dataclass
class Found:
    """What a file has, as plain values; frames are lines of the file."""

    entries: list[dict[str, Any]] = field(default_factory=list)
    # (severity, message, lines), the script's own first.
    diagnostics: list[tuple[str, str, list[int]]] = field(default_factory=list)
    suggestions: list[dict[str, Any]] = field(default_factory=list)
    directives: dict[str, str] = field(default_factory=dict)
    status: str = ""
    output: str = ""
    # What the test's own function returned in that process.
    result: Any = None

    @property
    def names(self) -> list[str]:
        return [entry["name"] for entry in self.entries]

    @property
    def errors(self) -> list[str]:
        return [message for severity, message, _ in self.diagnostics if severity == "error"]


def in_child(work: Callable[[], Any]) -> Any:
    """Calls `work` in a forked process; what it returns must be JSON."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            answer = {"ok": work()}
        except BaseException:
            answer = {"error": traceback.format_exc()}
        with os.fdopen(write, "w") as stream:
            json.dump(answer, stream)
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as stream:
        text = stream.read()
    _, status = os.waitpid(pid, 0)
    assert text, f"the child ended with status {status}"
    answer = json.loads(text)
    assert "error" not in answer, answer["error"]
    return answer["ok"]


def runner(tmp_path: Path) -> Callable[..., Found]:
    """Runs a text and finds its kernels; `then` gets the entries by name, in the same process."""

    def run(text: str | Path, then: Callable[[dict[str, Any]], Any] = lambda entries: None) -> Found:
        path = text if isinstance(text, Path) else tmp_path / "kernel.py"
        if isinstance(text, str):
            path.write_text(textwrap.dedent(text))

        def work() -> dict[str, Any]:
            from irlens_triton.discover.discovery import TritonDiscovery
            from irlens_triton.provider import TritonProvider
            from irlens_worker.script import Source, fresh_streams, run_script

            TritonProvider()
            printed = tmp_path / "printed"
            fd = os.open(printed, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
            os.dup2(fd, 1)
            fresh_streams()
            source = Source(str(path), path.read_bytes())
            discovery = TritonDiscovery(source)
            with discovery.watching():
                result = run_script(source, 0, discovery.planted(), [])
            discovery.judge(result.diagnostics)
            entries = discovery.finish(result.namespace, result.status == "ok")
            sys.stdout.flush()
            return {
                "entries": [entry.to_json() for entry in entries],
                "diagnostics": [
                    (item.severity, item.message, [line for file, line, _ in item.frames if file == str(path)])
                    for item in result.diagnostics + discovery.diagnostics
                ],
                "suggestions": discovery.suggestions,
                "directives": discovery.directives,
                "status": result.status,
                "output": printed.read_text(),
                "result": then({entry.name: entry.payload for entry in entries}),
            }

        found = Found(**in_child(work))
        found.diagnostics = [(severity, message, lines) for severity, message, lines in found.diagnostics]
        return found

    return run


def make_all(kernel: Any, target: str) -> dict[str, Any]:
    """All stages of a kernel: {stage: (text, links, diagnostics)}."""
    from irlens_triton.compile.compiler import lineage
    from irlens_triton.stages import make_stage
    from irlens_triton.targets import parse_target

    made: dict[str, Any] = {}
    state = kernel
    for stage in lineage(parse_target(target)):
        result = make_stage(stage, target, state)
        made[stage] = result
        state = result.state
    return made

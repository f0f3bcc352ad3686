"""What tools and commands of a user's pipeline can do to irlens-mlir, each on the
real process. After each fault the next job must work.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mlir_worker import PROGRAM, MlirWorker, children, is_gone, row, wait_for
from python_worker import statuses

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason=f"{PROGRAM} is not built")

TEXT = "func.func @f() {\n  return\n}\n"
SHOWN = 8 << 20


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlirWorker]:
    worker = MlirWorker(tmp_path_factory.mktemp("worker"))
    yield worker
    worker.close()


@pytest.fixture(autouse=True)
def check_next_job(worker: MlirWorker, tmp_path: Path) -> Iterator[None]:
    yield
    assert run(worker, tmp_path / "next", "cat").text == TEXT


class Result:
    def __init__(self, out: Path, status: str) -> None:
        report = json.loads((out / "Net/tool.json").read_text())
        self.status = status
        self.note: str = report["note"]
        self.format: str = report["format"]
        self.diagnostics: list[dict[str, Any]] = report["diagnostics"]
        self.messages = [str(one["message"]) for one in self.diagnostics]
        raw, words = out / "Net/tool.raw", out / "Net/tool.stderr"
        self.text = raw.read_text() if raw.exists() else ""
        self.words = words.read_text() if words.exists() else ""
        left = {path.name for path in (out / "Net").iterdir()} - {"tool.raw", "tool.json", "tool.stderr"}
        assert left == set(), f"left behind: {left}"


def run(worker: MlirWorker, folder: Path, *command: str, **options: Any) -> Result:
    """One stage, a command over TEXT. No row says what its text is."""
    folder.mkdir(exist_ok=True)
    path = folder / "in.mlir"
    path.write_text(TEXT)
    stage = row("tool", "in", {"command": list(command)})
    del stage["format"]
    job = worker.lower(path, folder / "out", stage, **options)
    found = statuses(worker.finish(job))
    assert found["end"] in ("ok", "timeout")
    return Result(folder / "out", found["Net/tool"])


def shell(worker: MlirWorker, folder: Path, script: str, **options: Any) -> Result:
    return run(worker, folder, "sh", "-c", script, **options)


def test_a_result_and_words(worker: MlirWorker, tmp_path: Path) -> None:
    result = shell(worker, tmp_path, "echo working >&2; cat")
    assert (result.status, result.text, result.words) == ("ok", TEXT, "working\n")
    assert result.format == "mlir"


def test_an_exit_code_comes_with_the_last_words(worker: MlirWorker, tmp_path: Path) -> None:
    result = shell(worker, tmp_path, "for i in 1 2 3 4 5 6 7; do echo line $i >&2; done; exit 3")
    assert result.status == "failed"
    assert result.messages == ["'sh' ended with exit code 3: line 3\nline 4\nline 5\nline 6\nline 7"]
    assert result.words.startswith("line 1\n")


def test_an_error_with_a_place(worker: MlirWorker, tmp_path: Path) -> None:
    result = shell(worker, tmp_path, "echo '<stdin>:2:3: error: never return' >&2; exit 1")
    assert result.messages == ["never return"]
    assert result.diagnostics[0]["frames"] == [[str(tmp_path / "in.mlir"), 2, 3]]


def test_the_name_of_the_input(worker: MlirWorker, tmp_path: Path) -> None:
    path = tmp_path / "in.mlir"
    path.write_text(TEXT)
    given = {"stage": "in", "path": str(path), "format": "mlir", "name": "/ws/user.mlir"}
    script = "echo '<stdin>:2:3: warning: never return' >&2; cat"
    stage = row("tool", "in", {"command": ["sh", "-c", script]})
    worker.finish(worker.lower(path, tmp_path / "out", stage, input=given))
    result = Result(tmp_path / "out", "ok")
    assert result.diagnostics[0]["frames"] == [["/ws/user.mlir", 2, 3]]
    assert result.diagnostics[0]["severity"] == "warning"


def test_a_crash_names_the_signal(worker: MlirWorker, tmp_path: Path) -> None:
    result = shell(worker, tmp_path, "echo begun >&2; kill -SEGV $$")
    assert result.status == "crashed"
    assert result.messages == ["'sh' crashed (segmentation fault): begun"]


def test_a_program_that_hangs(worker: MlirWorker, tmp_path: Path) -> None:
    result = shell(worker, tmp_path, "echo begun >&2; exec sleep 600", timeout_ms=1500)
    assert result.status == "timeout"
    assert result.messages == ["'sh' was stopped after the time limit of 1.5 s: begun"]
    assert result.words == "begun\n"


def test_a_program_that_is_missing(worker: MlirWorker, tmp_path: Path) -> None:
    result = run(worker, tmp_path, "no-such-program-anywhere")
    assert result.status == "unavailable"
    assert result.messages == ["'no-such-program-anywhere' is not installed: no such program"]


def test_a_file_that_is_no_program(worker: MlirWorker, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.write_text("no program")
    result = run(worker, tmp_path / "1", str(data))
    assert result.messages == [f"'{data}' may not be run: it is no executable file"]
    data.chmod(data.stat().st_mode | stat.S_IXUSR)
    result = run(worker, tmp_path / "2", str(data))
    assert result.messages == [f"'{data}' is no program of this system (a script needs a first line like #!/bin/sh)"]


def test_no_output(worker: MlirWorker, tmp_path: Path) -> None:
    result = run(worker, tmp_path / "1", "true")
    assert (result.status, result.messages) == ("failed", ["'true' ended well but printed nothing"])
    result = run(worker, tmp_path / "2", "true", "{input}", "{output}")
    assert (result.status, result.messages) == ("failed", ["'true' ended well but printed nothing"])


def test_words_without_output_are_shown(worker: MlirWorker, tmp_path: Path) -> None:
    result = shell(worker, tmp_path, "echo analysed >&2")
    assert (result.status, result.text) == ("ok", "analysed\n")
    assert result.note == "sh has no output; this is what it said on standard error"


def test_binary_output(worker: MlirWorker, tmp_path: Path) -> None:
    result = shell(worker, tmp_path, "head -c 10000 /dev/zero")
    assert result.status == "ok"
    assert result.note == "binary output of 9.77 KiB: its first bytes"
    assert result.text.startswith("00000000  00 00 00")
    assert result.text.endswith("... 5904 more bytes\n")
    assert result.format == "text"


def test_much_output_is_cut(worker: MlirWorker, tmp_path: Path) -> None:
    # A fifth of a gigabyte through a limit of memory that would not hold it.
    result = shell(worker, tmp_path, "yes | head -c 200000000", memory_mb=64)
    assert result.status == "ok"
    assert len(result.text) == SHOWN
    assert result.note == "cut after 8 MiB of 191 MiB"


def test_the_limit_is_the_request_s(worker: MlirWorker, tmp_path: Path) -> None:
    result = shell(worker, tmp_path, "yes | head -c 5000", output_limit=1000)
    assert len(result.text) == 1000
    assert result.note == "cut after 1000 bytes of 4.88 KiB"


def test_many_words_are_cut(worker: MlirWorker, tmp_path: Path) -> None:
    result = shell(worker, tmp_path, "yes complaint | head -c 100000000 >&2; echo end >&2; exit 1")
    assert result.status == "failed"
    assert result.messages[0].endswith("complaint\nend")
    assert SHOWN < len(result.words) < SHOWN + 20000


def test_memory_is_limited(worker: MlirWorker, tmp_path: Path) -> None:
    script = "import sys; x = bytearray(2 << 30); print(len(x))"
    result = run(worker, tmp_path, "python3", "-c", script, memory_mb=256)
    assert result.status == "memory"
    assert result.messages[0].startswith("'python3' needs more memory than the limit of 256 MB")


def test_a_program_that_ends_its_own_group(worker: MlirWorker, tmp_path: Path) -> None:
    result = shell(worker, tmp_path, "kill -KILL 0")
    assert result.status == "crashed"


def sleeper(pid: int) -> int | None:
    """The first descendant that is a `sleep`."""
    for child in children(pid):
        try:
            if Path(f"/proc/{child}/comm").read_text() == "sleep\n":
                return child
        except OSError:
            continue
        if found := sleeper(child):
            return found
    return None


def test_cancelling_ends_the_program(worker: MlirWorker, tmp_path: Path) -> None:
    path = tmp_path / "in.mlir"
    path.write_text(TEXT)
    script = "sleep 600 & sleep 601; cat"
    job = worker.lower(path, tmp_path / "out", row("tool", "in", {"command": ["sh", "-c", script]}))
    worker.until(event="stage", job=job, status="running")
    pid = 0

    def runs() -> bool:
        nonlocal pid
        pid = sleeper(worker.process.pid) or 0
        return pid > 0

    wait_for(runs)
    worker.send({"op": "cancel", "job": job})
    assert statuses(worker.finish(job))["end"] == "cancelled"
    wait_for(lambda: is_gone(pid))
    wait_for(lambda: sleeper(worker.process.pid) is None)


def test_the_program_inherits_no_pipes(worker: MlirWorker, tmp_path: Path) -> None:
    result = run(worker, tmp_path, "ls", "-l", "/proc/self/fd")
    numbers = {line.split(" -> ")[0].split()[-1] for line in result.text.splitlines() if " -> " in line}
    # The last one is the folder that is listed.
    assert numbers == {"0", "1", "2", "3"}


def test_a_tool_crash_costs_its_stage_alone(worker: MlirWorker, tmp_path: Path) -> None:
    path = tmp_path / "in.ll"
    path.write_text("define i32 @main() {\n  ret i32 7\n}\n")
    job = worker.lower(
        path,
        tmp_path / "out",
        row("crash", "in", {"tool": "opt", "args": ["-passes=trigger-crash-module"]}, format="llvm"),
        row("below", "crash", {"tool": "llc"}),
        row("fine", "in", {"tool": "llc", "args": ["-mtriple=x86_64-linux-gnu"]}),
    )
    found = statuses(worker.finish(job))
    assert found == {"end": "ok", "Net/crash": "crashed", "Net/below": "failed", "Net/fine": "ok"}
    report = json.loads((tmp_path / "out/Net/crash.json").read_text())
    assert report["diagnostics"][0]["message"].startswith("'opt' crashed")
    assert "$7" in (tmp_path / "out/Net/fine.raw").read_text()


def test_a_tool_that_runs_out_of_memory(worker: MlirWorker, tmp_path: Path) -> None:
    path = tmp_path / "in.ll"
    lines = [f"  %x{i} = add i32 %a, {i}" for i in range(200000)]
    path.write_text("\n".join(["define void @f(i32 %a) {", *lines, "  ret void", "}", ""]))
    step = row("tool", "in", {"tool": "opt", "args": ["-O2"]}, format="llvm")
    found = statuses(worker.finish(worker.lower(path, tmp_path / "out", step, memory_mb=24)))
    assert found["Net/tool"] == "memory"
    report = json.loads((tmp_path / "out/Net/tool.json").read_text())
    assert report["diagnostics"][0]["message"] == "'opt' needs more memory than the limit of 24 MB"


def test_text_that_we_cannot_parse_goes_through_tools(worker: MlirWorker, tmp_path: Path) -> None:
    path = tmp_path / "in.mlir"
    path.write_text("foo.func @f() {\n}\n")
    job = worker.lower(
        path,
        tmp_path / "out",
        row("tool", "in", {"command": ["sed", "s/foo/func/"]}, format="mlir"),
        row("passes", "tool", {"mlir": "builtin.module(canonicalize)"}, format="mlir"),
        row("parsed", "in", {"mlir": "builtin.module(canonicalize)"}, format="mlir"),
    )
    found = statuses(worker.finish(job))
    assert found == {"end": "ok", "Net/tool": "ok", "Net/passes": "failed", "Net/parsed": "failed"}
    report = json.loads((tmp_path / "out/Net/parsed.json").read_text())
    assert report["diagnostics"][0]["frames"] == [[str(path), 1, 1]]


def test_checks(worker: MlirWorker, tmp_path: Path) -> None:
    path = tmp_path / "in.mlir"
    path.write_text("func.func @f() -> i32 {\n  return\n}\n")
    out = tmp_path / "out"

    def check(**options: Any) -> dict[str, Any]:
        given = {"path": str(path), "format": "mlir", "name": "/ws/user.mlir"}
        request = {"op": "run", "job": 900, "kind": "check", "input": given, "out": str(out), **options}
        worker.send(request)
        return worker.finish(900)[-1]

    assert check()["status"] == "ok"
    (found,) = json.loads((out / "check.json").read_text())["diagnostics"]
    assert found["frames"] == [["/ws/user.mlir", 2, 3]]
    assert found["end"] == [2, 9]
    assert found["severity"] == "error"
    os.unlink(path)
    assert check()["status"] == "failed" or "No such file" in (out / "check.json").read_text()
    assert check(input={"path": str(path), "format": "ptx"})["status"] == "failed"

"""What can happen to irlens-mlir, each on the real process.

After each fault the next job must work (`check_next_job`).
"""

from __future__ import annotations

import ctypes
import mmap
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from mlir_worker import AMDGCN, PROGRAM, X86, MlirWorker, children, is_gone, row, straight_line, wait_for
from python_worker import diagnostics, statuses

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason=f"{PROGRAM} is not built")

ASSEMBLY = row("x86", "in", X86, {"codegen": {"opt": 2}})
SLOW = row("amdgcn", "in", AMDGCN, {"codegen": {"opt": 2}})
OPTIMISED = row("opt", "in", X86, {"llvm": "default<O2>"}, format="llvm")
GOOD = "define i32 @main() {\n  ret i32 7\n}\n"


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlirWorker]:
    worker = MlirWorker(tmp_path_factory.mktemp("worker"))
    yield worker
    worker.close()


@pytest.fixture(autouse=True)
def check_next_job(worker: MlirWorker, tmp_path: Path) -> Iterator[None]:
    """Whatever a test did, the worker still does its work."""
    yield
    out = tmp_path / "next"
    job = worker.lower(write(tmp_path, GOOD, "next.ll"), out, ASSEMBLY)
    assert statuses(worker.finish(job)) == {"end": "ok", "Net/x86": "ok"}
    assert "$7" in (out / "Net/x86.raw").read_text()


def write(folder: Path, text: str, name: str = "in.ll") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def running_stage(job_process: int) -> int:
    """The process of the only stage that runs: the last that was forked."""
    wait_for(lambda: len(children(job_process)) > 1)
    return children(job_process)[-1]


def processor_ticks(pid: int) -> int:
    """Processor time in user mode, in hundredths of a second."""
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11])


def crash_in_code_generation(job_process: int, tried: int) -> int:
    """Waits for a new stage process to be well inside its work, and crashes it."""
    wait_for(lambda: len(children(job_process)) > 1 and children(job_process)[-1] != tried)
    stage = children(job_process)[-1]
    wait_for(lambda: processor_ticks(stage) > 20)
    os.kill(stage, signal.SIGSEGV)
    return stage


def has_huge_pages() -> bool:
    """Whether this kernel gathers huge pages when told to: MADV_COLLAPSE, Linux 6.1."""
    memory = mmap.mmap(-1, 8 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    memory.write(b"1" * len(memory))
    start = -ctypes.addressof(ctypes.c_char.from_buffer(memory)) % (2 << 20)
    try:
        memory.madvise(25, start, 2 << 20)
    except OSError:
        return False
    return True


def mapped_code(pid: int, library: str) -> int:
    """Bytes of code that the process maps from the library's file."""
    lines = [line.split() for line in Path(f"/proc/{pid}/maps").read_text().splitlines()]
    ranges = [line[0].split("-") for line in lines if line[1] == "r-xp" and library in line[-1]]
    return sum(int(end, 16) - int(begin, 16) for begin, end in ranges)


@pytest.mark.skipif(not has_huge_pages(), reason="this kernel does not make huge pages when told to (MADV_COLLAPSE)")
def test_code_moves_to_huge_pages(worker: MlirWorker) -> None:
    """The fixture proves that the code still does what it did."""
    names = ("libLLVM", "libMLIR")
    wait_for(lambda: all(mapped_code(worker.process.pid, name) < 8 << 20 for name in names), seconds=60)


def test_hello(worker: MlirWorker) -> None:
    assert worker.hello["worker"] == "mlir"
    assert worker.hello["protocol"] == 1
    assert worker.hello["pid"] == worker.process.pid
    assert {"mlir", "translate", "target", "llvm", "codegen"} <= set(worker.hello["steps"])


def test_rows_that_are_wanted_first_run_first(worker: MlirWorker, tmp_path: Path, out: Path) -> None:
    names = ["d", "b", "a", "c"]
    rows = [row(name, "opt" if name in "bd" else "in", X86, {"codegen": {}}) for name in names]
    job = worker.lower(write(tmp_path, GOOD), out, *rows, OPTIMISED, parallel=1)
    events = worker.finish(job)
    order = [event["stage"] for event in events if event.get("status") == "running"]
    # d and b have to wait for opt, which is wanted last.
    assert order == ["a", "c", "opt", "d", "b"]
    assert set(statuses(events).values()) == {"ok"}


def test_two_jobs_at_once_and_cancel(worker: MlirWorker, tmp_path: Path, out: Path) -> None:
    slow = worker.lower(write(tmp_path, straight_line(6000)), out, SLOW)
    started = worker.until(event="started", job=slow)[-1]["pid"]
    worker.until(event="stage", job=slow, status="running")
    stage = running_stage(started)
    quick = worker.lower(write(tmp_path, GOOD, "quick.ll"), tmp_path / "quick", ASSEMBLY)
    assert statuses(worker.finish(quick)) == {"end": "ok", "Net/x86": "ok"}
    worker.send({"op": "cancel", "job": slow})
    assert statuses(worker.finish(slow)) == {"end": "cancelled"}
    wait_for(lambda: is_gone(stage) and is_gone(started))


def test_cancel_of_an_unknown_job_is_nothing(worker: MlirWorker) -> None:
    worker.send({"op": "cancel", "job": 4711})


def test_killed_stage_costs_its_subtree_only(worker: MlirWorker, tmp_path: Path, out: Path) -> None:
    # No code generation, hence no second try.
    slow = row("slow", "in", X86, {"llvm": "default<O2>"}, format="llvm")
    below = row("below", "slow", X86, {"codegen": {}})
    job = worker.lower(write(tmp_path, straight_line(6000)), out, slow, below, parallel=1)
    started = worker.until(event="started", job=job)[-1]["pid"]
    worker.until(event="stage", job=job, stage="slow", status="running")
    os.kill(running_stage(started), signal.SIGKILL)
    events = worker.finish(job)
    assert statuses(events) == {"end": "ok", "Net/slow": "crashed", "Net/below": "failed"}
    assert "killed" in diagnostics(out, "Net/slow")[0]["message"]
    assert diagnostics(out, "Net/below") == []


def test_crashed_code_generation_is_done_at_a_lower_level(worker: MlirWorker, tmp_path: Path, out: Path) -> None:
    job = worker.lower(write(tmp_path, straight_line(1500)), out, SLOW)
    started = worker.until(event="started", job=job)[-1]["pid"]
    first = crash_in_code_generation(started, tried=0)  # At -O2,
    crash_in_code_generation(started, tried=first)  # then at -O1.
    assert statuses(worker.finish(job)) == {"end": "ok", "Net/amdgcn": "ok"}
    assert '"note":"code generation crashed at -O2, done at -O0"' in (out / "Net/amdgcn.json").read_text()
    assert "s_setpc_b64" in (out / "Net/amdgcn.raw").read_text()


def test_time_limit_tells_the_pass(worker: MlirWorker, tmp_path: Path, out: Path) -> None:
    never = row("never", "amdgcn", X86, {"codegen": {}})
    job = worker.lower(write(tmp_path, straight_line(6000)), out, SLOW, never, timeout_ms=2500)
    events = worker.finish(job)
    # What has not begun gets the job's status from the engine.
    assert statuses(events) == {"end": "timeout", "Net/amdgcn": "timeout"}
    (found,) = diagnostics(out, "Net/amdgcn")
    assert found["message"].startswith("stopped after the time limit of 2.5 s in code generation, pass ")
    assert found["pass"]


def test_memory_limit(worker: MlirWorker, tmp_path: Path, out: Path) -> None:
    path = write(tmp_path, straight_line(3000))
    job = worker.lower(path, out, ASSEMBLY, OPTIMISED, memory_mb=12)
    found = statuses(worker.finish(job))
    assert found["Net/x86"] == "memory"
    assert "out of memory" in diagnostics(out, "Net/x86")[0]["message"]


def test_killed_holder_of_a_snapshot(worker: MlirWorker, tmp_path: Path, out: Path) -> None:
    slow = row("slow", "in", AMDGCN, {"codegen": {}})
    waiting = row("waiting", "in", X86, {"codegen": {}})
    job = worker.lower(write(tmp_path, straight_line(1500)), out, slow, waiting, parallel=1)
    started = worker.until(event="started", job=job)[-1]["pid"]
    worker.until(event="stage", job=job, stage="slow", status="running")
    running_stage(started)
    os.kill(children(started)[0], signal.SIGKILL)
    found = statuses(worker.finish(job))
    assert found["end"] == "ok"
    assert found["Net/waiting"] == "crashed"
    assert "held in" in diagnostics(out, "Net/waiting")[0]["message"]


def test_killed_job_process(worker: MlirWorker, tmp_path: Path, out: Path) -> None:
    job = worker.lower(write(tmp_path, straight_line(6000)), out, SLOW)
    started = worker.until(event="started", job=job)[-1]["pid"]
    worker.until(event="stage", job=job, status="running")
    stage = running_stage(started)
    os.kill(started, signal.SIGKILL)
    assert statuses(worker.finish(job)) == {"end": "crashed"}
    wait_for(lambda: is_gone(stage))


def test_input_that_cannot_be_read(worker: MlirWorker, tmp_path: Path, out: Path) -> None:
    path = write(tmp_path, "define i32 @main() {\n  ret i32 %x\n}\n")
    below = row("below", "x86", {"codegen": {}})
    events = worker.finish(worker.lower(path, out, ASSEMBLY, below))
    assert statuses(events) == {"end": "failed", "Net/x86": "failed", "Net/below": "failed"}
    assert events[-1]["line"] == 2
    (found,) = diagnostics(out, "Net/x86")
    assert found["frames"] == [[str(path), 2, 11]]
    events = worker.finish(worker.lower(tmp_path / "nowhere.mlir", out, ASSEMBLY))
    assert statuses(events) == {"end": "failed", "Net/x86": "failed"}


def test_folder_that_cannot_be_made(worker: MlirWorker, tmp_path: Path) -> None:
    blocked = write(tmp_path, "a file", "blocked")
    events = worker.finish(worker.lower(write(tmp_path, GOOD), blocked / "run", ASSEMBLY))
    assert statuses(events) == {"end": "failed"}
    assert "blocked" in events[-1]["message"]


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"not json",
        b"[1, 2]",
        b'{"op":"dance"}',
        b'{"op":"run","kind":"lower"}',
        b'{"op":"run","kind":"capture","file":"/x.py"}',
        b'{"op":"cancel"}',
        b"\xff\xfe\x00",
        b'{"op":"run","kind":"lower","stages":' + b"[" * 5000 + b"]" * 5000 + b"}",
    ],
)  # fmt: skip
def test_line_that_is_no_request(worker: MlirWorker, line: bytes) -> None:
    worker.send(line)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"entry": "../up"}, "is not a name"),
        ({"stages": [row("a", "nowhere", X86)]}, "not in the request"),
        ({"stages": [row("a", "b", X86), row("b", "a", X86)]}, "made from itself"),
        ({"stages": [row("a", "in", X86), row("a", "in", X86)]}, "twice"),
        ({"stages": [row("a", "in")]}, "no steps"),
        ({"stages": "all"}, "needs 'stages'"),
    ],
)
def test_request_that_makes_no_sense(
    worker: MlirWorker, tmp_path: Path, out: Path, change: dict[str, object], reason: str
) -> None:
    job = worker.lower(write(tmp_path, GOOD), out, ASSEMBLY, **change)
    (end,) = worker.finish(job)
    assert end["status"] == "failed"
    assert reason in end["message"]


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        ([{"dance": 1}], "there is no step 'dance'"),
        ([{"mlir": "builtin.module(cse)"}], "cannot run on LLVM IR"),
        ([{"codegen": {}}], "needs LLVM IR with a target"),
        ([X86, {"codegen": {"options": ["--no-such-option"]}}], "no-such-option"),
        ([{"target": {"triple": "cray-1"}}], "cray"),
        ([X86, {"device-library": "libfoo"}], "no device library 'libfoo'"),
        ([{"llvm": 3}], "takes a text"),
    ],
)
def test_row_that_makes_no_sense(
    worker: MlirWorker, tmp_path: Path, out: Path, steps: list[dict[str, object]], reason: str
) -> None:
    job = worker.lower(write(tmp_path, GOOD), out, row("bad", "in", *steps))
    assert statuses(worker.finish(job)) == {"end": "ok", "Net/bad": "failed"}
    assert reason in diagnostics(out, "Net/bad")[0]["message"]


def test_end_of_input_ends_everything(tmp_path: Path, out: Path) -> None:
    worker = MlirWorker(tmp_path)
    job = worker.lower(write(tmp_path, straight_line(6000)), out, SLOW)
    started = worker.until(event="started", job=job)[-1]["pid"]
    stage = running_stage(started)
    worker.close()
    wait_for(lambda: is_gone(stage) and is_gone(started))


def test_killed_worker_leaves_nothing_behind(tmp_path: Path, out: Path) -> None:
    worker = MlirWorker(tmp_path)
    job = worker.lower(write(tmp_path, straight_line(6000)), out, SLOW)
    started = worker.until(event="started", job=job)[-1]["pid"]
    stage = running_stage(started)
    worker.process.kill()
    worker.process.wait()
    wait_for(lambda: is_gone(stage) and is_gone(started))

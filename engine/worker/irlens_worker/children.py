"""Processes that the zygote forks for jobs, most of them ahead of their job.

`fork_child` runs in the zygote; what it forks rehearses, waits for its request, does the job
and ends.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import selectors
import signal
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from . import limits
from .channel import LineWriter, move_high, write_all
from .job import rehearse, run_capture, run_lower
from .protocol import CancelRequest, CaptureRequest, Json, Row, parse_request
from .provider import Provider


@dataclass(frozen=True)
class Assignment:
    """What a child is to do."""

    # As the engine sent it.
    request: Json
    # Seconds of the job's time that an earlier process has used up.
    spent: float = 0.0
    # That one made the stages itself and died of it: this one keeps them apart.
    isolated: bool = False


@dataclass(frozen=True)
class Child:
    """A forked process before it is a job's: it waits for its assignment."""

    pid: int
    pidfd: int
    assignments: int
    # The reading ends of what it says, and where it writes its stack when it dies.
    control: int
    output: int
    faults: int

    def give(self, assignment: Assignment) -> None:
        """Lets it begin. Raises BrokenPipeError when it is dead."""
        write_all(self.assignments, json.dumps(vars(assignment)).encode() + b"\n")
        os.close(self.assignments)

    def discard(self) -> None:
        """Ends it before it has begun."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        for fd in (self.pidfd, self.assignments, self.control, self.output, self.faults):
            os.close(fd)


def fork_child(provider: Provider, leave: Callable[[], None], rehearsal: Sequence[Row] | None) -> Child:
    """A child that closes by `leave` what is the zygote's, rehearses if it is given something to, and
    waits. Raises OSError."""
    read, write = os.pipe()
    control_read, control_write = os.pipe()
    output_read, output_write = os.pipe()
    faults = move_high(os.memfd_create("faults"))
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        os.close(write)
        writer = LineWriter(move_high(control_write), parent, control_read)
        _live(provider, leave, rehearsal, read, writer, output_write, faults, parent)
    for fd in (read, control_write, output_write):
        os.close(fd)
    try:
        os.setpgid(pid, pid)  # the child does the same; whoever is first
    except OSError:
        pass
    return Child(pid, os.pidfd_open(pid), write, control_read, output_read, faults)


def _live(
    provider: Provider,
    leave: Callable[[], None],
    rehearsal: Sequence[Row] | None,
    assignments: int,
    writer: LineWriter,
    output: int,
    faults: int,
    parent: int,
) -> None:
    """The child's life; does not return."""
    code = 70
    try:
        os.setpgid(0, 0)
        limits.die_with_parent(parent)
        leave()
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)
        if rehearsal is not None:
            rehearse(provider, rehearsal, lambda: _is_readable(assignments))
        _collect_rarely()
        assignment = _await_assignment(assignments)
        writer.send({"at": "taken"})
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.close(output)
        limits.report_faults(faults)
        try:
            _do(assignment, provider, writer)
        except OSError as error:
            writer.send({"at": "log", "message": traceback.format_exc()})
            writer.send({"at": "end", "status": "failed", "message": f"{error}"})
        code = 0
    except BaseException:
        text = traceback.format_exc()
        writer.send({"at": "end", "status": "failed", "message": f"irlens_worker: {text}"})
    finally:
        limits.really_exit(code)


def _collect_rarely() -> None:
    """Garbage in cycles is rare in a compiler, and the process lives for one job."""
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


def _do(assignment: Assignment, provider: Provider, writer: LineWriter) -> None:
    request = parse_request(assignment.request)
    assert not isinstance(request, CancelRequest)
    deadline = time.monotonic() + request.limits.timeout_ms / 1000 - assignment.spent
    if isinstance(request, CaptureRequest):
        run_capture(request, provider, writer.send, deadline, assignment.isolated)
    else:
        run_lower(request, provider, writer.send, deadline, assignment.isolated)


def _is_readable(fd: int) -> bool:
    with selectors.DefaultSelector() as selector:
        selector.register(fd, selectors.EVENT_READ)
        return bool(selector.select(0))


def _await_assignment(fd: int) -> Assignment:
    """What a child was forked for; the child ends when nothing comes."""
    data = b""
    while not data.endswith(b"\n"):
        chunk = os.read(fd, 1 << 16)
        if not chunk:
            limits.really_exit(0)
        data += chunk
    os.close(fd)
    return Assignment(**json.loads(data))

"""The warm process: reads requests, forks a child per job, speaks for it to the engine.

One thread and one loop. It never runs user code, and it alone writes events, so that an
`end` is really the last line of a job and a killed job says nothing any more.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import selectors
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from . import huge_pages, limits
from .artifacts import StageResult, write_file, write_run, write_stage
from .channel import LineReader, LineWriter, move_high, write_all
from .job import rehearse, run_capture, run_lower, user_line
from .output import OutputSink
from .protocol import (
    BadRequest,
    CancelRequest,
    CaptureRequest,
    Diagnostic,
    Json,
    RunRequest,
    parse_request,
)
from .provider import Provider
from .scheduler import ask_for_stack, user_frames

Emit = Callable[[Json], None]

# What the job's child may need, beyond its deadline, to answer for its hanging stages.
_GRACE = 2.0


@dataclass
class _Job:
    """A running job as the zygote sees it."""

    request: RunRequest
    pid: int
    pidfd: int
    control: LineReader
    output: OutputSink
    faults: int
    began: float
    deadline: float
    captured: bool = False
    entries: list[str] = field(default_factory=list)
    files: set[str] = field(default_factory=set)
    exit_call: Json | None = None
    end: Json | None = None

    @property
    def descriptors(self) -> list[int]:
        return [self.pidfd, self.control.fd, self.output.fd, self.faults]


@dataclass(frozen=True)
class _Child:
    """A forked process before it is a job: it waits for its request."""

    pid: int
    pidfd: int
    requests: int
    # The reading ends of what it says, and where it writes its stack when it dies.
    control: int
    output: int
    faults: int

    def give(self, message: Json) -> None:
        """Lets it begin. Raises BrokenPipeError when it is dead."""
        write_all(self.requests, json.dumps(message).encode() + b"\n")
        os.close(self.requests)

    def discard(self) -> None:
        """Ends it before it has begun."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        for fd in (self.pidfd, self.requests, self.control, self.output, self.faults):
            os.close(fd)


class Zygote:
    """Executes requests from `requests` until its end; events go to `emit`."""

    def __init__(self, provider: Provider, requests: int, emit: Emit) -> None:
        self._provider = provider
        self._requests = LineReader(requests)
        self._emit = emit
        self._jobs: dict[int, _Job] = {}
        # A child that waits for the next request, forked while there was time.
        self._spare: _Child | None = None
        self._leisure: Iterator[None] | None = huge_pages.gather()
        self._selector = selectors.DefaultSelector()
        self._selector.register(requests, selectors.EVENT_READ, None)

    def serve(self, stop: Callable[[], bool] = lambda: False) -> None:
        """Runs until the requests end, or `stop` says so after an event."""
        gc.collect()
        gc.freeze()
        try:
            while not stop():
                has_spare_time = self._has_spare_time()
                ready = self._selector.select(0.0 if has_spare_time else self._patience())
                if has_spare_time and not ready:
                    self._spend_spare_time()
                for key, _ in ready:
                    if key.data is None:
                        if not self._read_requests():
                            return
                    elif key.data in self._jobs:
                        self._advance(self._jobs[key.data], key.fd)
                now = time.monotonic()
                for job in [job for job in self._jobs.values() if now >= job.deadline]:
                    self._time_out(job)
        finally:
            for job in list(self._jobs.values()):
                self._kill(job)
            if self._spare:
                self._spare.discard()

    def _patience(self) -> float | None:
        """Seconds until a job's time is over."""
        deadlines = [job.deadline for job in self._jobs.values()]
        return max(0.0, min(deadlines) - time.monotonic()) if deadlines else None

    def _read_requests(self) -> bool:
        """False at the end of the requests."""
        for message in self._requests.read():
            try:
                self._execute(message)
            except BadRequest as error:
                print(f"irlens_worker: {error}", file=sys.stderr, flush=True)
                if error.job is not None and error.job not in self._jobs:
                    self._emit(_end_event(error.job, "failed", str(error)))
        return not self._requests.ended

    def _spend_spare_time(self) -> None:
        """Prepares for the next job, a step at a time; for when there is nothing else to do."""
        if self._leisure is not None:
            if next(self._leisure, self) is self:
                self._leisure = None
        elif self._spare is None:
            self._spare = self._fork(ahead=True)

    def _has_spare_time(self) -> bool:
        return not self._jobs and (self._leisure is not None or self._spare is None)

    def _execute(self, message: Any) -> None:
        request = parse_request(message)
        if isinstance(request, CancelRequest):
            job = self._jobs.get(request.job)
            if job:
                self._finish(job, {"status": "cancelled", "message": "cancelled"})
            return
        if request.job in self._jobs:
            raise BadRequest(f"job {request.job} is running already")
        try:
            request.out.mkdir(parents=True, exist_ok=True)
            self._start(request, message)
        except OSError as error:
            self._emit(_end_event(request.job, "failed", f"cannot start the job: {error}"))

    def _start(self, request: RunRequest, message: Json) -> None:
        began = time.monotonic()
        child = self._hand_over(message)
        job = _Job(
            request=request,
            pid=child.pid,
            pidfd=child.pidfd,
            control=LineReader(child.control),
            output=OutputSink(child.output, request.limits.output_limit),
            faults=child.faults,
            began=began,
            deadline=began + request.limits.timeout_ms / 1000,
        )
        self._jobs[request.job] = job
        for fd in (job.pidfd, job.control.fd, job.output.fd):
            self._selector.register(fd, selectors.EVENT_READ, request.job)
        self._emit({"event": "started", "job": request.job, "pid": child.pid})

    def _hand_over(self, message: Json) -> _Child:
        """Gives the request to the child that waits for one, or to a new one. Raises OSError."""
        spare, self._spare = self._spare, None
        if spare:
            try:
                spare.give(message)
                return spare
            except BrokenPipeError:  # somebody has killed it
                spare.discard()
        child = self._fork(ahead=False)
        child.give(message)
        return child

    def _fork(self, ahead: bool) -> _Child:
        """A child that waits for its request. Raises OSError."""
        request_read, request_write = os.pipe()
        control_read, control_write = os.pipe()
        output_read, output_write = os.pipe()
        faults = move_high(os.memfd_create("faults"))
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            os.close(request_write)
            writer = LineWriter(move_high(control_write), parent, control_read)
            self._child(request_read, writer, output_write, faults, parent, ahead)
        for fd in (request_read, control_write, output_write):
            os.close(fd)
        try:
            os.setpgid(pid, pid)  # the child does the same; whoever is first
        except OSError:
            pass
        return _Child(pid, os.pidfd_open(pid), request_write, control_read, output_read, faults)

    def _child(self, requests: int, writer: LineWriter, output: int, faults: int, parent: int, ahead: bool) -> None:
        """The job's process; does not return."""
        code = 70
        try:
            os.setpgid(0, 0)
            limits.die_with_parent(parent)
            self._selector.close()
            for job in self._jobs.values():
                for fd in job.descriptors:
                    os.close(fd)
            null = os.open(os.devnull, os.O_RDONLY)
            os.dup2(null, 0)
            os.close(null)
            if ahead:
                rehearse(self._provider)
            request = _await_request(requests)
            deadline = time.monotonic() + request.limits.timeout_ms / 1000
            os.dup2(output, 1)
            os.dup2(output, 2)
            os.close(output)
            limits.report_faults(faults)
            try:
                if isinstance(request, CaptureRequest):
                    run_capture(request, self._provider, writer.send, deadline)
                else:
                    run_lower(request, self._provider, writer.send, deadline)
            except OSError as error:
                writer.send({"at": "log", "message": traceback.format_exc()})
                writer.send({"at": "end", "status": "failed", "message": f"{error}"})
            code = 0
        except BaseException:
            text = traceback.format_exc()
            writer.send({"at": "end", "status": "failed", "message": f"irlens_worker: {text}"})
        finally:
            limits.really_exit(code)

    def _advance(self, job: _Job, fd: int) -> None:
        if fd == job.output.fd:
            if not job.output.drain():
                self._selector.unregister(fd)
            return
        for message in job.control.read():
            if isinstance(message, dict):
                self._on_control(job, message)
        if job.end is not None:
            self._finish(job, job.end)
        elif fd == job.pidfd:
            self._on_death(job)

    def _on_control(self, job: _Job, message: Json) -> None:
        at = message.get("at")
        number = job.request.job
        if at == "file":
            job.files.add(message["message"])
        elif at == "entry":
            job.entries.append(message["entry"])
            self._emit({"event": "entry", "job": number, "entry": message["entry"]})
        elif at == "stage":
            stage = {name: message[name] for name in ("entry", "stage", "status")}
            self._emit({"event": "stage", "job": number, **stage})
        elif at == "captured":
            self._publish_output(job)
            # From now on the child watches the clock itself, and knows more.
            job.deadline += _GRACE
        elif at == "exit":
            job.exit_call = message
        elif at == "log":
            print(f"irlens_worker: {message['message']}", file=sys.stderr, flush=True)
        elif at == "end":
            job.end = {name: message[name] for name in message if name != "at"}

    def _publish_output(self, job: _Job) -> None:
        """Writes what the program printed, and answers the stages that show it."""
        job.captured = True
        if not isinstance(job.request, CaptureRequest) or job.request.apart:
            return
        job.output.drain()
        result = StageResult()
        try:
            write_file(job.request.out / "output.txt", job.output.text())
        except OSError as error:
            result.status = "failed"
            result.diagnostics.append(Diagnostic(f"cannot write the output: {error.strerror}"))
        ms = (time.monotonic() - job.began) * 1000
        for row in job.request.rows:
            for entry in job.entries if row.capture == "output" else ():
                try:
                    write_stage(job.request.out, entry, row.id, row.format, result, ms)
                except OSError as error:
                    print(f"irlens_worker: {error}", file=sys.stderr, flush=True)
                event = {"entry": entry, "stage": row.id, "status": result.status}
                self._emit({"event": "stage", "job": job.request.job, **event})

    def _on_death(self, job: _Job) -> None:
        """The child ended without saying why: user code ended it."""
        status_word, full = self._kill(job)
        job.output.drain()
        status, reason = limits.classify(status_word, job.output.tail, full)
        frames = user_frames(limits.fault_frames(job.faults))
        if job.exit_call:
            reason = job.exit_call["message"]
            file, line, column = job.exit_call["frame"]
            frames = user_frames([(file, line, column)])
        self._fail(job, status, reason if job.exit_call else f"the script {reason}", frames)

    def _time_out(self, job: _Job) -> None:
        seconds = job.request.limits.timeout_ms / 1000
        frames = user_frames(ask_for_stack(job.pid, job.faults))
        self._fail(job, "timeout", f"timed out after {seconds:g} s", frames)

    def _fail(self, job: _Job, status: str, message: str, frames: list[Any]) -> None:
        diagnostic = Diagnostic(message, frames)
        end: Json = {"status": status, "message": message}
        if isinstance(job.request, CaptureRequest):
            end["line"] = user_line(diagnostic, str(job.request.file))
            if not job.captured and not job.request.apart:
                try:
                    write_run(job.request.out, job.entries, job.files, [diagnostic], {})
                except OSError as error:
                    end["message"] += f"; {error}"
        self._finish(job, end)

    def _finish(self, job: _Job, end: Json) -> None:
        if job.request.job in self._jobs:
            self._kill(job)
        if not job.captured:
            self._publish_output(job)
        for fd in job.descriptors:
            os.close(fd)
        self._emit({"event": "end", "job": job.request.job, **end})

    def _kill(self, job: _Job) -> tuple[int, bool]:
        """Ends the whole process group; nothing of the job runs afterwards.

        Returns the wait status of the job's child, and whether it had used up its memory.
        """
        try:
            os.killpg(job.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        try:
            os.kill(job.pid, signal.SIGKILL)  # had it not become a leader yet
        except ProcessLookupError:
            pass
        _, status, usage = os.wait4(job.pid, 0)
        del self._jobs[job.request.job]
        for fd in (job.pidfd, job.control.fd, job.output.fd):
            if fd in self._selector.get_map():
                self._selector.unregister(fd)
        return status, limits.used_up(usage, job.request.limits.memory_mb)


def _await_request(fd: int) -> RunRequest:
    """The request that a child was forked for; the child ends when none comes."""
    data = b""
    while not data.endswith(b"\n"):
        chunk = os.read(fd, 1 << 16)
        if not chunk:
            limits.really_exit(0)
        data += chunk
    os.close(fd)
    request = parse_request(json.loads(data))
    assert not isinstance(request, CancelRequest)
    return request


def _end_event(job: int, status: str, message: str) -> Json:
    return {"event": "end", "job": job, "status": status, "message": message}

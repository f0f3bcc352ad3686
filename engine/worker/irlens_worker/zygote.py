"""The warm process: reads requests, forks a child per job, speaks for it to the engine.

One thread and one loop. It never runs user code, and it alone writes events, so that an
`end` is really the last line of a job and a killed job says nothing any more.
"""

from __future__ import annotations

import gc
import os
import selectors
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from . import huge_pages, limits, raw_output
from .artifacts import StageResult, write_file, write_run, write_stage
from .channel import LineReader
from .children import Assignment, Child, fork_child
from .job import user_line
from .output import OutputSink
from .protocol import (
    BadRequest,
    CancelRequest,
    CaptureRequest,
    Diagnostic,
    Json,
    Row,
    RunRequest,
    parse_request,
)
from .provider import Provider
from .scheduler import PATIENCE, ask_for_stack, user_frames

Emit = Callable[[Json], None]

# Once more after a rehearsal that has gone wrong, once more after a stage that has.
_MOST_STARTS = 2
# What the job's child may need, beyond its deadline, to answer for its hanging stages.
_GRACE = 2.0


@dataclass(frozen=True)
class _Process:
    """A job's child from the zygote's side."""

    pid: int
    pidfd: int
    control: LineReader
    output: OutputSink
    faults: int

    @staticmethod
    def of(child: Child, request: RunRequest) -> _Process:
        output = OutputSink(child.output, request.limits.output_limit)
        return _Process(child.pid, child.pidfd, LineReader(child.control), output, child.faults)

    @property
    def readable(self) -> list[int]:
        return [self.pidfd, self.control.fd, self.output.fd]

    @property
    def descriptors(self) -> list[int]:
        return [*self.readable, self.faults]

    def close(self) -> None:
        for fd in self.descriptors:
            os.close(fd)


@dataclass
class _Job:
    """A running job as the zygote sees it."""

    request: RunRequest
    # The request as it came.
    message: Json
    process: _Process
    began: float
    # When something must have happened.
    deadline: float
    # The job's process has begun: before, it may die of its rehearsal.
    taken: bool = False
    starts: int = 1
    captured: bool = False
    # The job's process makes stages itself: when it dies of that, another one takes over.
    direct: bool = False
    # Stages that have had their answer.
    over: set[tuple[str, str]] = field(default_factory=set)
    entries: list[str] = field(default_factory=list)
    files: set[str] = field(default_factory=set)
    exit_call: Json | None = None
    # What the program prints is IR: the `raw` of run.json.
    raw: Json | None = None
    end: Json | None = None

    @property
    def seconds(self) -> float:
        """All of the job's time."""
        return self.request.limits.timeout_ms / 1000

    @property
    def last_end(self) -> float:
        """When that is over."""
        return self.began + self.seconds


class Zygote:
    """Executes requests from `requests` until its end; events go to `emit`."""

    def __init__(self, provider: Provider, requests: int, emit: Emit) -> None:
        self._provider = provider
        self._requests = LineReader(requests)
        self._emit = emit
        self._jobs: dict[int, _Job] = {}
        # A child that waits for the next request, forked while there was time.
        self._spare: Child | None = None
        # The rows of the last job that had a line of stages: what a rehearsal makes.
        self._rehearsal: Sequence[Row] = ()
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
                    # A job that was started again has other descriptors with the same numbers.
                    elif key.data in self._jobs and self._selector.get_map().get(key.fd) is key:
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
            self._spare = fork_child(self._provider, self._leave, self._rehearsal)

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
        child = self._hand_over(Assignment(message))
        job = _Job(
            request=request,
            message=message,
            process=_Process.of(child, request),
            began=began,
            deadline=began + request.limits.timeout_ms / 1000,
        )
        self._add(job)
        self._emit({"event": "started", "job": request.job, "pid": child.pid})

    def _add(self, job: _Job) -> None:
        self._jobs[job.request.job] = job
        for fd in job.process.readable:
            self._selector.register(fd, selectors.EVENT_READ, job.request.job)

    def _hand_over(self, assignment: Assignment) -> Child:
        """Gives the assignment to the child that waits for one, or to a new one. Raises OSError."""
        spare, self._spare = self._spare, None
        if spare:
            try:
                spare.give(assignment)
                return spare
            except BrokenPipeError:  # it has crashed, or somebody has killed it
                spare.discard()
        child = fork_child(self._provider, self._leave, None)
        child.give(assignment)
        return child

    def _leave(self) -> None:
        """Closes, in a child, what is the zygote's."""
        self._selector.close()
        for job in self._jobs.values():
            for fd in job.process.descriptors:
                os.close(fd)

    def _advance(self, job: _Job, fd: int) -> None:
        process = job.process
        if fd == process.output.fd:
            if not process.output.drain():
                self._selector.unregister(fd)
            return
        for message in process.control.read():
            if isinstance(message, dict):
                self._on_control(job, message)
        if job.end is not None:
            self._finish(job, job.end)
        elif fd == process.pidfd:
            if (job.direct or not job.taken) and job.starts <= _MOST_STARTS:
                self._start_again(job)
            else:
                self._on_death(job)

    def _on_control(self, job: _Job, message: Json) -> None:
        at = message.get("at")
        number = job.request.job
        if at == "taken":
            job.taken = True
        elif at == "file":
            job.files.add(message["message"])
        elif at == "entry" and message["entry"] not in job.entries:
            job.entries.append(message["entry"])
            self._emit({"event": "entry", "job": number, "entry": message["entry"]})
        elif at == "stage" and (message["entry"], message["stage"]) not in job.over:
            stage = {name: message[name] for name in ("entry", "stage", "status")}
            if message["status"] != "running":
                job.over.add((message["entry"], message["stage"]))
            elif job.direct:
                self._wait_for_stage(job)
            self._emit({"event": "stage", "job": number, **stage})
        elif at == "captured":
            if not job.captured:
                self._publish_output(job)
            # From now on the child watches the clock itself, and knows more.
            job.deadline += _GRACE
        elif at == "direct":
            job.direct = True
            self._rehearsal = [replace(row, entries=None) for row in job.request.rows]
            self._wait_for_stage(job)
        elif at == "background":
            job.direct = False
            job.deadline = job.last_end + _GRACE
        elif at == "exit":
            job.exit_call = message
        elif at == "raw":
            job.raw = message["raw"]
        elif at == "log":
            print(f"irlens_worker: {message['message']}", file=sys.stderr, flush=True)
        elif at == "end":
            job.end = {name: message[name] for name in message if name != "at"}

    def _wait_for_stage(self, job: _Job) -> None:
        """Gives the next stage that the job's process makes its share of the time."""
        job.deadline = min(job.last_end, time.monotonic() + job.seconds * PATIENCE)

    def _publish_output(self, job: _Job) -> None:
        """Writes what the program printed, and answers the stages that show it."""
        job.captured = True
        if not isinstance(job.request, CaptureRequest) or job.request.background:
            return
        job.process.output.drain()
        result = StageResult()
        try:
            write_file(job.request.out / "output.txt", job.process.output.text())
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
        _keep_raw(job)
        status_word, full = self._kill(job)
        output = job.process.output
        output.drain()
        status, reason = limits.classify(status_word, output.tail, full)
        frames = user_frames(limits.fault_frames(job.process.faults))
        if job.exit_call:
            reason = job.exit_call["message"]
            file, line, column = job.exit_call["frame"]
            frames = user_frames([(file, line, column)])
        self._fail(job, status, reason if job.exit_call else f"the script {reason}", frames)

    def _start_again(self, job: _Job) -> None:
        """The child made the stages itself and died, or did not end. Another one runs the file again
        and keeps the stages apart: that tells which one it was, and makes the others. Or it has died
        of its rehearsal."""
        self._kill(job)
        job.process.close()
        spent = time.monotonic() - job.began
        try:
            child = self._hand_over(Assignment(job.message, spent, isolated=job.direct))
        except OSError as error:
            self._emit(_end_event(job.request.job, "failed", f"cannot start the job again: {error}"))
            return
        job.process = _Process.of(child, job.request)
        job.direct = job.taken = False
        job.exit_call = None
        job.starts += 1
        job.deadline = job.last_end
        self._rehearsal = ()
        self._add(job)

    def _time_out(self, job: _Job) -> None:
        if job.direct:
            return self._start_again(job)
        frames = user_frames(ask_for_stack(job.process.pid, job.process.faults))
        _keep_raw(job)
        self._fail(job, "timeout", job.request.limits.timeout_text(), frames)

    def _fail(self, job: _Job, status: str, message: str, frames: list[Any]) -> None:
        diagnostic = Diagnostic(message, frames)
        end: Json = {"status": status, "message": message}
        if isinstance(job.request, CaptureRequest):
            end["line"] = user_line(diagnostic, str(job.request.file))
            if not job.captured and not job.request.background:
                try:
                    write_run(job.request.out, job.entries, job.files, [diagnostic], {}, raw=job.raw)
                except OSError as error:
                    end["message"] += f"; {error}"
        self._finish(job, end)

    def _finish(self, job: _Job, end: Json) -> None:
        if job.request.job in self._jobs:
            self._kill(job)
        if not job.captured:
            self._publish_output(job)
        job.process.close()
        self._emit({"event": "end", "job": job.request.job, **end})

    def _kill(self, job: _Job) -> tuple[int, bool]:
        """Ends the whole process group; nothing of the job runs afterwards.

        Returns the wait status of the job's child, and whether it had used up its memory.
        """
        process = job.process
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        try:
            os.kill(process.pid, signal.SIGKILL)  # had it not become a leader yet
        except ProcessLookupError:
            pass
        _, status, usage = os.wait4(process.pid, 0)
        del self._jobs[job.request.job]
        for fd in process.readable:
            if fd in self._selector.get_map():
                self._selector.unregister(fd)
        return status, limits.used_up(usage, job.request.limits.memory_mb)


def _keep_raw(job: _Job) -> None:
    """Ends the program alone, so that what it has printed as IR is still written."""
    if job.raw is None:
        return
    try:
        os.kill(job.process.pid, signal.SIGKILL)
        raw_output.keep(job.request.out / raw_output.NAME, _GRACE)
    except OSError as error:
        print(f"irlens_worker: {error}", file=sys.stderr, flush=True)


def _end_event(job: int, status: str, message: str) -> Json:
    return {"event": "end", "job": job, "status": status, "message": message}

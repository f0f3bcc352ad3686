"""Raw mode: `# irlens: output=mlir` in a program says that what it prints is IR.

The job's process runs the program; beside it a process of its own writes what comes on its stdout, and nothing
else, to a file, and passes it on to where the output goes anyway.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import time
from dataclasses import dataclass
from pathlib import Path

from . import limits
from .channel import move_high, write_all
from .did_you_mean import did_you_mean
from .protocol import Diagnostic, Json
from .script import Source

# The file below OUT.
NAME = "output.raw-ir"
# What may be printed: `auto` is told by its text.
LEVELS = ("auto", "mlir", "llvm", "ttir")
_DIRECTIVE = re.compile(r"#\s*irlens:.*?(?:\s|:)output=(?P<level>[^\s()]*)(?:\s|$)")


@dataclass(frozen=True)
class RawMode:
    """The comment that asks for it."""

    level: str
    line: int
    column: int

    def to_json(self) -> Json:
        """The object in run.json."""
        return {"file": NAME, "level": self.level, "line": self.line}


def find_raw_mode(source: Source) -> tuple[RawMode | None, list[Diagnostic]]:
    """The first comment that asks for it, and what is wrong with such comments. Raises what Source raises."""
    for token in source.comments:
        match = _DIRECTIVE.match(token.string)
        if not match:
            continue
        line, start = token.start
        column = len(token.line[:start].encode()) + match.start("level") + 1
        level = match["level"]
        if level in LEVELS:
            return RawMode(level, line, column), []
        text = f"irlens comment: output={level}: expected one of {', '.join(LEVELS)}{did_you_mean(level, LEVELS)}"
        return None, [Diagnostic(text, [(source.path, line, column)])]
    return None, []


class RawOutput:
    """The process that copies descriptor 1, from `start` on to `finish`."""

    def __init__(self, path: Path, limit: int) -> None:
        self._path = path
        self._limit = limit
        self._stop = self._done = -1

    def start(self) -> None:
        """From here on what this process writes to descriptor 1 is copied. Raises OSError."""
        os.makedirs(self._path.parent, exist_ok=True)
        read, write = (move_high(fd) for fd in os.pipe())
        stop_read, self._stop = (move_high(fd) for fd in os.pipe())
        self._done, done_write = (move_high(fd) for fd in os.pipe())
        pid = os.fork()
        if pid == 0:
            try:
                # The program must not find a child that it has not made: the copying process is nobody's.
                if os.fork() == 0:
                    for fd in (write, self._stop, self._done):
                        os.close(fd)
                    _copy(read, stop_read, done_write, self._path, self._limit)
            finally:
                limits.really_exit(0)
        os.waitpid(pid, 0)
        os.dup2(write, 1)
        for fd in (read, write, stop_read, done_write):
            os.close(fd)

    def finish(self) -> int:
        """Waits until the file is complete; returns its size, which exceeds the limit if there was more."""
        # Not by closing it: what the program has forked may have it, too.
        with contextlib.suppress(OSError):
            os.write(self._stop, b"!")
        answer = b""
        while chunk := os.read(self._done, 64):
            answer += chunk
        for fd in (self._stop, self._done):
            os.close(fd)
        return int(answer or b"0")


def keep(path: Path, seconds: float) -> None:
    """For a program that was ended: waits until the copying process has noticed, and has written what was
    still in the pipe. If it does not, because others hold the pipe open, what it has so far stands."""
    end = time.monotonic() + seconds
    while not path.exists() and time.monotonic() < end:
        time.sleep(0.005)
    for unfinished in () if path.exists() else path.parent.glob(f".{path.name}.*"):
        unfinished.replace(path)


def _copy(read: int, stop: int, done: int, path: Path, limit: int) -> None:
    """Copies until it is to stop, then what is still there; tells how much it was."""
    os.set_blocking(read, False)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    total = 0
    with temporary.open("wb", buffering=0) as file:
        stopping = False
        while True:
            ready = [read] if stopping else select.select([read, stop], [], [])[0]
            try:
                chunk = os.read(read, 1 << 16) if read in ready else None
            except BlockingIOError:
                chunk = None
            if chunk:
                write_all(1, chunk)
                file.write(chunk[: max(0, limit - total)])
                total += len(chunk)
            elif chunk is not None or stopping:
                break
            stopping = stopping or stop in ready
    temporary.replace(path)
    write_all(done, str(total).encode())

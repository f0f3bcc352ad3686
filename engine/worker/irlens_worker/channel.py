"""JSON lines over pipes inside a job, and over the worker's stdout.

Every process of a job writes to pipes that others write to as well, so a line is one
write of at most PIPE_BUF bytes. User code may close our descriptors; a writer then opens
its pipe again through the reading process's /proc entry.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from typing import Any

from .protocol import MAX_LINE, Json

# Above what scripts close with os.closerange(3, 256) and below the usual limit of 1024.
_HIGH_FD = 600


def move_high(fd: int) -> int:
    """Moves a descriptor to a number that user code is unlikely to close; returns it."""
    try:
        high = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _HIGH_FD)
    except OSError:
        return fd
    os.close(fd)
    return high


def encode_line(message: Json) -> bytes:
    """One line of JSON; a message text that does not fit into an atomic write is cut.

    Raises ValueError when there is no text left to cut.
    """
    line = json.dumps(message, separators=(",", ":")).encode() + b"\n"
    while len(line) > MAX_LINE:
        text = message.get("message")
        if not isinstance(text, str) or len(text) < 16:
            raise ValueError(f"a line of {len(line)} bytes is more than one write")
        message = {**message, "message": text[: len(text) // 2] + "..."}
        line = json.dumps(message, separators=(",", ":")).encode() + b"\n"
    return line


class LineWriter:
    """The writing end of a pipe that `reader_pid` reads on its descriptor `reader_fd`."""

    def __init__(self, fd: int, reader_pid: int, reader_fd: int) -> None:
        self.fd = fd
        self._identity = _identity(fd)
        self._path = f"/proc/{reader_pid}/fd/{reader_fd}"

    def send(self, message: Json) -> None:
        """Writes one line. Raises OSError when the reader has gone."""
        if _identity(self.fd) != self._identity:
            self.fd = move_high(os.open(self._path, os.O_WRONLY | os.O_CLOEXEC))
            self._identity = _identity(self.fd)
        write_all(self.fd, encode_line(message))


class LineReader:
    """Splits what arrives on a non-blocking descriptor into JSON objects."""

    def __init__(self, fd: int) -> None:
        os.set_blocking(fd, False)
        self.fd = fd
        self.ended = False
        self._rest = b""

    def read(self) -> Iterator[Any]:
        """Yields the objects that are there now; a line that is no JSON is yielded as bytes."""
        while chunk := read_some(self.fd):
            *lines, self._rest = (self._rest + chunk).split(b"\n")
            for line in lines:
                try:
                    yield json.loads(line)
                except ValueError:
                    yield line
        self.ended = chunk is not None


def read_some(fd: int) -> bytes | None:
    """What a non-blocking descriptor has now: None when nothing, empty at the end."""
    try:
        return os.read(fd, 1 << 16)
    except BlockingIOError:
        return None


def write_all(fd: int, data: bytes) -> None:
    """Writes everything; a line up to PIPE_BUF goes out in the first write."""
    while data:
        data = data[os.write(fd, data) :]


def _identity(fd: int) -> tuple[int, int] | None:
    try:
        status = os.fstat(fd)
    except OSError:
        return None
    return status.st_dev, status.st_ino

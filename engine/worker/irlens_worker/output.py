"""Keeps what a program prints: the beginning up to a limit, and the last few kilobytes.

Used by the zygote for scripts and by the scheduler for what compilers say on stderr.
"""

from __future__ import annotations

import os

from .channel import read_some

_TAIL = 4096


class OutputSink:
    """Reads a non-blocking pipe; whatever is beyond `limit` bytes is dropped, and counted."""

    def __init__(self, fd: int, limit: int) -> None:
        os.set_blocking(fd, False)
        self.fd = fd
        self._limit = limit
        self._head = bytearray()
        self._tail = b""
        self._total = 0

    def drain(self) -> bool:
        """Takes what is there now, up to 16 MB at once; false at the end of the pipe."""
        for _ in range(256):
            chunk = read_some(self.fd)
            if not chunk:
                return chunk is None
            self._total += len(chunk)
            self._tail = (self._tail + chunk)[-_TAIL:]
            room = self._limit - len(self._head)
            if room > 0:
                self._head += chunk[:room]
        return True

    @property
    def is_full(self) -> bool:
        """Whether something was dropped."""
        return self._total > len(self._head)

    @property
    def tail(self) -> str:
        """The last few kilobytes."""
        return self._tail.decode(errors="replace")

    def text(self) -> bytes:
        """The beginning, with a closing note when something was dropped."""
        dropped = self._total - len(self._head)
        if not dropped:
            return bytes(self._head)
        note = f"\n[irlens: output cut here, {dropped} more bytes were printed]\n"
        return bytes(self._head) + note.encode()

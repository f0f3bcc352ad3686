"""Link tables (LINKS in PROTOCOL.md) of texts whose places we read ourselves.

Used for disassembled binaries, in the processes of their stages.
"""

from __future__ import annotations

from collections.abc import Sequence

from irlens_worker.protocol import Frame, Json


class LinkTable:
    """Lines of a text and the places that they come from, each chain stored once."""

    def __init__(self) -> None:
        self._files: dict[str, int] = {}
        self._frames: dict[tuple[int, int, int, int], int] = {}
        self._lines: list[list[int]] = []
        self._origins: list[list[int]] = []

    def link(self, line: int, chain: Sequence[Frame]) -> None:
        """Links a line, counted from 1, to a place and its callers, the innermost first."""
        caller = -1
        for file, number, column in reversed(chain):
            index = self._files.setdefault(file, len(self._files))
            key = (index, number, column, caller)
            caller = self._frames.setdefault(key, len(self._frames))
        if caller >= 0:
            self._lines.append([line, caller])

    def originate(self, line: int, *origins: int) -> None:
        """Links a line to lines of the text that this one is made from, as its tool wrote that."""
        self._origins.append([line, *origins])

    def to_json(self) -> Json:
        """The LINKS object."""
        return {
            "files": list(self._files),
            "frames": [list(frame) for frame in self._frames],
            "lines": self._lines,
            **({"from": self._origins} if self._origins else {}),
        }

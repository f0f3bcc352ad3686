"""Builds a link table (LINKS in PROTOCOL.md).

For stages whose producer knows the source of each line itself: FX and TorchScript.
"""

from __future__ import annotations

from collections.abc import Sequence

from irlens_worker.protocol import Frame, Json


class LinkBuilder:
    """Collects which source frames each line of a text stems from."""

    def __init__(self) -> None:
        self._files: dict[str, int] = {}
        self._frames: dict[tuple[int, int, int, int], int] = {}
        self._lines: dict[int, list[int]] = {}

    def link(self, line: int, frames: Sequence[Frame]) -> None:
        """Links a line (from 1) to a call chain given from the innermost frame outwards."""
        caller = -1
        for file, source_line, column in reversed(frames):
            key = (self._files.setdefault(file, len(self._files)), source_line, column, caller)
            caller = self._frames.setdefault(key, len(self._frames))
        if caller >= 0 and caller not in self._lines.setdefault(line, []):
            self._lines[line].append(caller)

    def to_json(self) -> Json:
        """The LINKS object."""
        return {
            "files": list(self._files),
            "frames": [list(frame) for frame in self._frames],
            "lines": [[line, *frames] for line, frames in sorted(self._lines.items())],
        }

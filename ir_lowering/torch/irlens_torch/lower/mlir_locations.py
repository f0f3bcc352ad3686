"""Reads the frames out of an MLIR location. Called where diagnostics are made."""

from __future__ import annotations

import os
import re
from typing import Any

from irlens_worker.protocol import Frame

_PLACE = re.compile(r'"((?:[^"\\]|\\.)*)":(\d+):(\d+)')
# MLIR prints a backslash twice, and any byte that is not printable ASCII as two hex digits.
_ESCAPE = re.compile(rb"\\(\\|[0-9A-F]{2})")


def _unescaped(text: str) -> str:
    def plain(escape: re.Match[bytes]) -> bytes:
        return b"\\" if escape[1] == b"\\" else bytes.fromhex(escape[1].decode())

    return os.fsdecode(_ESCAPE.sub(plain, os.fsencode(text)))


def location_frames(location: Any) -> list[Frame]:
    """All places in a location, the innermost first: MLIR prints a call site like that."""
    return [(_unescaped(file), int(line), int(column)) for file, line, column in _PLACE.findall(str(location))]

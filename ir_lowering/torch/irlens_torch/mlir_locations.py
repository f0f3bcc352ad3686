"""Reads the frames out of an MLIR location. Called where diagnostics are made."""

from __future__ import annotations

import re
from typing import Any

from irlens_worker.protocol import Frame

_PLACE = re.compile(r'"((?:[^"\\]|\\.)*)":(\d+):(\d+)')


def location_frames(location: Any) -> list[Frame]:
    """All places in a location, the innermost first: MLIR prints a call site like that."""
    return [(file, int(line), int(column)) for file, line, column in _PLACE.findall(str(location))]

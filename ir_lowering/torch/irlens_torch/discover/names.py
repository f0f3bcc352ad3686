"""Names of entries: safe in URIs and as folders, unique in a file, stable from save to save."""

from __future__ import annotations

import re

_LONGEST = 80


def safe_name(text: str) -> str:
    """Only [A-Za-z0-9._-], never empty, never with a dot in front."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", text)[:_LONGEST].strip("._-") or "entry"


class NamePool:
    """Gives out each name once; repetitions are counted: Net, Net-2, Net-3."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, wanted: str) -> str:
        """A free name as near to `wanted` as possible."""
        base = name = safe_name(wanted)
        number = 1
        while name in self._taken:
            number += 1
            name = f"{base}-{number}"
        self._taken.add(name)
        return name

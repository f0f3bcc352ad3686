"""Replaces attributes of other modules for a while, and puts all of them back.

Used while the user's file runs: by the interception of launches and the pretended device.
"""

from __future__ import annotations

from typing import Any

_NOTHING = object()


class Patches:
    """Replacements in the order in which they were made."""

    def __init__(self) -> None:
        self._saved: list[tuple[Any, str, Any]] = []

    def set(self, owner: Any, name: str, value: Any) -> None:
        """`owner.name = value`; the owner's own attribute comes back with `undo`."""
        self._saved.append((owner, name, vars(owner).get(name, _NOTHING)))
        setattr(owner, name, value)

    def undo(self) -> None:
        """Puts back everything, the last replacement first."""
        while self._saved:
            owner, name, value = self._saved.pop()
            if value is _NOTHING:
                delattr(owner, name)
            else:
                setattr(owner, name, value)

"""Finds all operations that a pipeline cannot lower (placeholder until the next commit)."""

from __future__ import annotations

from irlens_worker.protocol import Diagnostic, Row
from irlens_worker.provider import Context


def explain_crash(row: Row, state: object, context: Context) -> list[Diagnostic]:
    return []

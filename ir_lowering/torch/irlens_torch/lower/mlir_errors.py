"""What MLIR's bindings report, as diagnostics.

Called in the processes of stages, by whoever has parsed a text or run a pipeline.
"""

from __future__ import annotations

import re

from irlens_worker.protocol import Diagnostic
from torch_mlir import ir

from .mlir_locations import location_frames

_LONGEST = 400
_BLAMED = re.compile(r"'([a-z_]+\.[\w.]+)'")
# An operation that torch-mlir does not know is a `torch.operator` with the name as text.
_OPERATOR = re.compile(r"\"(torch\.[a-z_]+\.[\w.]+)\"")


def error_diagnostics(error: ir.MLIRError) -> list[Diagnostic]:
    """What MLIR reported, each error with its notes."""
    return [
        Diagnostic(
            shorten(info.message),
            location_frames(info.location),
            op=blamed_operation(info.message),
            notes=[
                (shorten(note.message), location_frames(note.location))
                for note in info.notes
                # It repeats the message in a longer form.
                if not note.message.startswith("see current operation")
            ],
        )
        for info in error.error_diagnostics
    ] or [Diagnostic(shorten(str(error)))]


def shorten(message: str) -> str:
    """The beginning of a message: MLIR appends the operation, at times with its whole body."""
    first = message.strip().splitlines()[0] if message.strip() else "failed"
    return first if len(first) <= _LONGEST else first[:_LONGEST] + "..."


def blamed_operation(message: str) -> str:
    """The operation that a message names."""
    named = _OPERATOR.search(message) or _BLAMED.search(message)
    return named.group(1) if named else ""

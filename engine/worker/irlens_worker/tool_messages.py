"""Reads what compilers print: `file:line:column: error: text`, as all of LLVM's tools and MLIR's do.

Pure; called for the tools that ran as processes and for those that ran in a stage's process.
"""

from __future__ import annotations

import re

from .given_text import GivenText
from .protocol import Diagnostic, Frame

_MESSAGE = re.compile(r"^(?P<place>.*?): (?P<severity>error|warning|remark|note): (?P<text>.*)$")
# A place is a name and numbers, or as MLIR writes what is no file: loc("a.mlir":1:2).
_PLACE = re.compile(r'(?:loc\()?"?(?P<file>[^"\n]+?)"?:(?P<line>\d+):(?P<column>\d+)')
_SEVERITIES = {"error": "error", "warning": "warning", "remark": "info"}
_REPEATS = "see current operation"
_MOST = 50


def diagnostics_in(text: str, given: GivenText) -> list[Diagnostic]:
    """The messages, each with its notes; of places in the text that the tool was given, the user's file's."""
    found: list[Diagnostic] = []
    for line in text.splitlines():
        match = _MESSAGE.match(line)
        if not match or len(found) > _MOST:
            continue
        frames = _frames(match["place"], given)
        if match["severity"] != "note":
            found.append(Diagnostic(match["text"], frames, _SEVERITIES[match["severity"]]))
        elif found and not match["text"].startswith(_REPEATS):
            found[-1].notes.append((match["text"], frames))
    return found


def message_text(diagnostic: Diagnostic) -> str:
    """A diagnostic as a tool would print it, with its notes."""
    lines = [f"{_shown(diagnostic.frames)}{diagnostic.severity}: {diagnostic.message}"]
    lines += [f"{_shown(frames)}note: {text}" for text, frames in diagnostic.notes]
    return "\n".join(lines) + "\n"


def _frames(place: str, given: GivenText) -> list[Frame]:
    match = _PLACE.search(place)
    return [given.frame((match["file"], int(match["line"]), int(match["column"])))] if match else []


def _shown(frames: list[Frame]) -> str:
    return ":".join(str(part) for part in frames[0]) + ": " if frames else ""

"""Hears what compilers print while they work: remarks, errors, ptxas' log.

MLIR in Triton has no other way to tell: its handler writes `file:line:column: remark: text`
to stderr. What is no message goes on to stderr, where the worker looks for reasons.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from irlens_worker.heard import Heard, hearing
from irlens_worker.protocol import Frame

_MESSAGE = re.compile(r"^(?P<place>.*?): (?P<severity>error|warning|remark|note): (?P<text>.*)$")
# Of what is no file that it can show, MLIR writes loc("name":1:2).
_PLACE = re.compile(r'^(?:loc\(")?(?P<file>.+?)"?:(?P<line>\d+):(?P<column>\d+)\)?$')
# A pass that aborts: MLIR goes on behind it, and then says no more than that it failed.
_FATAL = re.compile(r"^(?:LLVM ERROR: |.*Assertion [`'])(?P<text>.*?)(?:' failed.*)?$")


@dataclass
class Said:
    """One message of a compiler, with the notes that belong to it."""

    severity: str
    text: str
    frame: Frame | None
    notes: list[Said] = field(default_factory=list)


@contextlib.contextmanager
def listening(said: list[Said]) -> Iterator[None]:
    """Adds what is said within the block to `said`, also when the block raises."""
    os.environ["MLIR_ENABLE_DIAGNOSTICS"] = "warnings,remarks"
    printed = io.StringIO()
    heard = Heard()
    try:
        with contextlib.redirect_stdout(printed), hearing() as heard:
            yield
    finally:
        rest = read_messages(heard.text, said)
        said += [Said("log", line, None) for line in printed.getvalue().splitlines()]
        if rest:
            os.write(2, "\n".join(rest).encode(errors="replace") + b"\n")


def read_messages(text: str, said: list[Said]) -> list[str]:
    """Takes the messages out of a compiler's output; returns the lines that are none."""
    rest: list[str] = []
    excerpt: list[str] | None = None
    for line in text.splitlines():
        match = _MESSAGE.match(line)
        if fatal := _FATAL.match(line):
            said.append(Said("error", fatal["text"], None))
        if not match:
            # Behind a message stand the line of the file and a caret below it.
            excerpt = None if excerpt is None or len(excerpt) > 2 else [*excerpt, line]
            rest.append(line)
            if excerpt and line.strip() == "^":
                del rest[-len(excerpt) :]
                excerpt = None
            continue
        excerpt = []
        place = _PLACE.match(match["place"])
        frame = (place["file"], int(place["line"]), int(place["column"])) if place else None
        message = Said(match["severity"], match["text"], frame)
        if message.severity == "note" and said:
            said[-1].notes.append(message)
        else:
            said.append(message)
    return rest

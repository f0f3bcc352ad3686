"""Runs the user's own binary of a tool, without a shell: a stage's text in, the next one's out.

Called in the process of the stage, whose limits of time and memory the tool has too.
"""

from __future__ import annotations

import os
import selectors
import shutil
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from . import limits
from .given_text import GivenText
from .output import OutputSink
from .protocol import Diagnostic, Json
from .provider import StageFailed
from .tool_messages import diagnostics_in

# More text than that is no IR that anybody looks at.
_MOST = 256 << 20
_MOST_NOTES = 6


@dataclass(frozen=True)
class ToolOutput:
    """What a tool has written to its standard output, and what it has said."""

    text: str
    stderr: str


def find_binary(step: Json, variable: str) -> str:
    """The user's binary of a step: its row names it, or the environment variable its folder. Else empty."""
    if step.get("path"):
        return str(step["path"])
    named = os.environ.get(variable, "")
    path = os.path.join(named, str(step["tool"])) if os.path.isdir(named) else named
    return path if path and os.access(path, os.X_OK) else ""


def run_binary(path: str, args: Sequence[str], given: GivenText) -> ToolOutput:
    """Raises StageFailed with what the tool says; its stderr is kept there, too."""
    program = shutil.which(path)
    if program is None:
        raise StageFailed([Diagnostic(f"{path} cannot be run: there is no such program")])
    parent = os.getpid()
    with given.path.open("rb") as text:
        process = subprocess.Popen(
            [program, *args, "-"],
            stdin=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=lambda: limits.die_with_parent(parent),
        )
    assert process.stdout and process.stderr
    said, out = OutputSink(process.stderr.fileno(), _MOST), OutputSink(process.stdout.fileno(), _MOST)
    with selectors.DefaultSelector() as selector:
        for sink in (said, out):
            selector.register(sink.fd, selectors.EVENT_READ, sink)
        while selector.get_map():
            for key, _ in selector.select():
                if not key.data.drain():
                    selector.unregister(key.fd)
            if out.is_full:
                process.kill()
    status = process.wait()
    stderr = given.rename(said.text().decode(errors="replace").replace("<stdin>", given.name or "<stdin>"))
    if status == 0 and not out.is_full:
        return ToolOutput(given.rename(out.text().decode(errors="surrogateescape")), stderr)
    raise failed_tool(os.path.basename(path), _reason(status, out), stderr, given)


def failed_tool(tool: str, reason: str, stderr: str, given: GivenText) -> StageFailed:
    """A tool that could not do it, with the errors that it has printed as diagnostics."""
    found = [item for item in diagnostics_in(stderr, given) if item.severity == "error"]
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    if not found:
        text = lines[0] if lines else f"{tool} {reason}"
        found = [Diagnostic(text, notes=[(line, []) for line in lines[1:_MOST_NOTES]])]
    failure = StageFailed(found)
    failure.stderr = stderr
    return failure


def _reason(status: int, out: OutputSink) -> str:
    if out.is_full:
        return f"printed more than {_MOST >> 20} MB"
    if status >= 0:
        return f"ended with exit status {status}"
    return f"was ended by {signal.Signals(-status).name}"

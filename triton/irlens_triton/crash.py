"""Finds out what a compiler said before it ended its process, and in which pass.

LLVM aborts on code that it cannot handle. The stage is made again in a forked child, pass by
pass, with the child's stderr in a file. Called in the process from which the stage started.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict
from typing import Any

from irlens_worker import limits
from irlens_worker.artifacts import PassRecord
from irlens_worker.protocol import Diagnostic
from irlens_worker.provider import StageFailed

from .compile.compiler import Compilation
from .compile.passes import Listener, failed_record, on_each_pass
from .stages import make_stage, place_of

_REASON = re.compile(r"LLVM ERROR: (.*)|.*Assertion [`'](.*)' failed|error: (.*)")
_MOST = 1 << 20


def explain_crash(stage: str, target: str, state: Any, record: bool = False) -> StageFailed | None:
    """The reason with the pass and the text before it, with `record` the passes as well; None
    when nothing was said."""
    heard, noted = os.memfd_create("crash"), os.memfd_create("passes")
    pid = os.fork()
    if pid == 0:
        os.dup2(heard, 2)
        try:
            with on_each_pass(_writer(noted)):
                make_stage(stage, target, state, record=True, listen=False)
        except BaseException:
            pass
        limits.really_exit(0)
    _, status = os.waitpid(pid, 0)
    said = os.pread(heard, _MOST, 0).decode(errors="replace")
    name, passes = _read(noted)
    os.close(heard)
    os.close(noted)
    reasons = [next(group for group in match.groups() if group) for match in _REASON.finditer(said)]
    if status == 0 or (not reasons and not name):
        return None
    how = limits.classify(status, "", False)[1]
    text = f"{stage} {how}" + (f": {reasons[-1].strip()}" if reasons else "")
    frames = state.frames if isinstance(state, Compilation) else place_of(state)
    failed = StageFailed([Diagnostic(text, list(frames), pass_name=name)], status="")
    failed.leave(passes, keep=record)
    return failed


def _writer(file: int) -> Listener:
    """Notes each pass in the file, a line when it begins and one when it has ended: what stands
    there outlives the process."""
    text = ""

    def write(line: object) -> None:
        with open(file, "a", closefd=False) as stream:
            stream.write(json.dumps(line) + "\n")

    def end(record: PassRecord) -> None:
        nonlocal text
        write({**asdict(record), "text": record.text if record.text != text else None})
        text = record.text

    return Listener(write, end)


def _read(file: int) -> tuple[str, list[PassRecord]]:
    """The name of the last pass that began, and the records, with one of it if it did not end."""
    passes: list[PassRecord] = []
    name = ""
    is_over = True
    for line in os.pread(file, os.fstat(file).st_size, 0).splitlines():
        found = json.loads(line)
        is_over = not isinstance(found, str)
        if isinstance(found, str):
            name = found
        else:
            text = found.pop("text")
            passes.append(PassRecord(text=passes[-1].text if text is None else text, **found))
    if not is_over:
        passes.append(failed_record(name, passes))
    return name, passes

"""Finds out what a compiler said before it ended its process, and in which pass.

LLVM aborts on code that it cannot handle. The stage is made again in a forked child, pass by
pass, with the child's stderr in a file. Called in the process from which the stage started.
"""

from __future__ import annotations

import os
import re
from typing import Any

from irlens_worker import limits
from irlens_worker.protocol import Diagnostic
from irlens_worker.provider import StageFailed

from .compiler import Compilation
from .passes import on_each_pass
from .stages import make_stage, place_of

_REASON = re.compile(r"LLVM ERROR: (.*)|.*Assertion [`'](.*)' failed|error: (.*)")
_MOST = 1 << 20


def explain_crash(stage: str, target: str, state: Any) -> StageFailed | None:
    """The reason with the pass; None when nothing was said."""
    heard, passes = os.memfd_create("crash"), os.memfd_create("passes")
    pid = os.fork()
    if pid == 0:
        os.dup2(heard, 2)
        try:
            with on_each_pass(lambda name: os.write(passes, name.encode() + b"\n")):
                make_stage(stage, target, state, record=True, listen=False)
        except BaseException:
            pass
        limits.really_exit(0)
    _, status = os.waitpid(pid, 0)
    if status == 0:
        return None
    said = os.pread(heard, _MOST, 0).decode(errors="replace")
    names = os.pread(passes, _MOST, 0).decode(errors="replace").split()
    reasons = [next(group for group in match.groups() if group) for match in _REASON.finditer(said)]
    if not reasons and not names:
        return None
    how = limits.classify(status, "", False)[1]
    text = f"{stage} {how}" + (f": {reasons[-1].strip()}" if reasons else "")
    frames = state.frames if isinstance(state, Compilation) else place_of(state)
    diagnostic = Diagnostic(text, list(frames), pass_name=names[-1] if names else "")
    return StageFailed([diagnostic], status="")

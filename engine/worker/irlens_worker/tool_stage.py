"""A stage that a tool makes: by the user's own binary, or by bindings that can do what the tool does.

Called by the providers in the process of the stage.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from . import limits
from .artifacts import StageResult
from .given_text import GivenText
from .protocol import Diagnostic, Json, Row
from .provider import StageFailed
from .text_format import format_of
from .tool_messages import diagnostics_in
from .tool_process import ToolOutput, find_binary, run_binary

# Seconds that a tool may take to crash once more.
_PATIENCE = 10
_MOST = 1 << 20


@dataclass(frozen=True)
class Tool:
    """One that a provider stands in for."""

    name: str
    # Names the folder of the user's own binary.
    variable: str
    run: Callable[[Json, GivenText], ToolOutput]
    # Without these flags the result would lose where it comes from.
    flags: Sequence[str] = ()

    def has_binary(self, row: Row) -> bool:
        """Whether the user's own is to be run."""
        return bool(find_binary(_step(row), self.variable))

    def make(self, row: Row, given: GivenText) -> StageResult:
        """The stage. Raises StageFailed."""
        output = self._output(_step(row), given)
        return StageResult(
            text=output.text,
            format=row.format or format_of(output.text),
            stderr=output.stderr,
            diagnostics=[item for item in diagnostics_in(output.stderr, given) if item.severity != "error"],
        )

    def explain(self, row: Row, given: GivenText) -> StageFailed | None:
        """What the tool says before it ends the process that it runs in; None if it says nothing."""
        said = os.memfd_create("said")
        pid = os.fork()
        if pid == 0:
            os.dup2(said, 2)
            signal.alarm(_PATIENCE)
            try:
                self._output(_step(row), given)
            except BaseException:  # it does not crash now
                pass
            limits.really_exit(0)
        _, status = os.waitpid(pid, 0)
        text = os.pread(said, _MOST, 0).decode(errors="replace")
        os.close(said)
        if status == 0:
            return None
        how = limits.classify(status, text, False)[1]
        failure = StageFailed([Diagnostic(f"{self.name} {how}")], status="")
        failure.stderr = text
        return failure

    def _output(self, step: Json, given: GivenText) -> ToolOutput:
        binary = find_binary(step, self.variable)
        if not binary:
            return self.run(step, given)
        args = list(step.get("args", ()))
        known = {arg.lstrip("-") for arg in args}
        return run_binary(binary, [*args, *(flag for flag in self.flags if flag.lstrip("-") not in known)], given)


def _step(row: Row) -> Json:
    return next(step for step in row.steps if "tool" in step)

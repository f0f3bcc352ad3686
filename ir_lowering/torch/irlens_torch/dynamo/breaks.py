"""Graph breaks as diagnostics: what Dynamo says about one, taken apart.

Dynamo's text has a fixed form: the reason, `Explanation:`, some `Hint:` and a link to a page
about this kind of graph break.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from traceback import FrameSummary

from irlens_worker.protocol import Diagnostic, Frame

from ..capture.stack_traces import summary_frames

_EXPLANATION = re.compile(r"^  Explanation: (.*?)(?=^\s*$|^  Hint: |\Z)", re.M | re.S)
_HINT = re.compile(r"^  Hint: (.*?)(?=^  Hint: |^\s*$|\Z)", re.M | re.S)
_LINK = re.compile(r"https?://\S+/(gb\d+)\.html")
# What a breaking instruction adds in front of the reason proper.
_PREFIX = re.compile(r"^Encountered graph break when attempting to trace .*:\n+")


@dataclass(frozen=True)
class GraphBreak:
    """Where and why Dynamo stopped a graph."""

    reason: str
    explanation: str = ""
    hints: tuple[str, ...] = ()
    link: str = ""
    frames: list[Frame] = field(default_factory=list)

    def diagnostic(self) -> Diagnostic:
        """A warning: the program works, but not as one graph."""
        text = f"graph break: {self.reason}"
        if self.explanation:
            text += f". {self.explanation}"
        notes: list[tuple[str, list[Frame]]] = [(f"hint: {hint}", self.frames[:1]) for hint in self.hints]
        return Diagnostic(text, self.frames, severity="warning", notes=notes, link=self.link)


def read_break(text: str, stack: Iterable[FrameSummary], call: list[Frame]) -> GraphBreak:
    """Takes Dynamo's text and the user's stack, whose last frame is the innermost."""
    text = _PREFIX.sub("", text)
    explanation = _EXPLANATION.search(text)
    link = _LINK.search(text)
    return GraphBreak(
        reason=text.strip().splitlines()[0] if text.strip() else "unknown reason",
        explanation=_one_line(explanation[1]) if explanation else "",
        hints=tuple(_one_line(hint) for hint in _HINT.findall(text)),
        link=link[0] if link else "",
        frames=summary_frames(stack) or call,
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())

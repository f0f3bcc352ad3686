"""What the worker asks of a library that captures and lowers programs.

`irlens_torch` is one provider. The worker calls it in forked children only, except for
`warm`, which runs once in the zygote.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from .artifacts import PassRecord, StageResult
from .protocol import Diagnostic, Json, Row
from .script import Source


@dataclass
class Entry:
    """One thing in a file that can be lowered. `payload` belongs to the provider."""

    name: str
    kind: str
    line: int
    # Id of the row of `origins` in the stage table that its stages stem from.
    origin: str = "model"
    column: int = 0
    class_line: int = 0
    comment: bool = False
    signature: str = ""
    parameters: int = -1
    payload: Any = None

    def to_json(self) -> Json:
        """The content of entry.json."""
        return {
            "name": self.name,
            "kind": self.kind,
            "origin": self.origin,
            "line": self.line,
            "column": self.column,
            "class_line": self.class_line,
            "comment": self.comment,
            "signature": self.signature,
            "parameters": self.parameters,
        }


@dataclass(frozen=True)
class Context:
    """What a stage may know about its job."""

    file: str
    weights: str
    literal_limit: int
    seed: int
    memory_mb: int
    # Stages of which each pass is to be kept.
    passes: frozenset[str] = frozenset()
    # OUT: OUT/<entry> has what stages have left by now.
    out: Path | None = None


class StageFailed(Exception):
    """A stage cannot be made from this program; `text` is what was there before."""

    def __init__(self, diagnostics: list[Diagnostic], text: str | None = None, status: str = "failed") -> None:
        super().__init__(diagnostics[0].message if diagnostics else "failed")
        self.diagnostics = diagnostics
        self.text = text
        # Of the text, when it is not that of the stage.
        self.format = ""
        self.status = status
        # What a tool has said.
        self.stderr = ""
        # The passes up to the one that failed, when the job asks for them.
        self.passes: list[PassRecord] = []

    def leave(self, passes: list[PassRecord], keep: bool) -> None:
        """Takes the text before the pass that failed, the last one; with `keep` all of them."""
        if passes:
            self.text, self.format = passes[-1].text, passes[-1].format
        if keep:
            self.passes = passes


class Discovery(Protocol):
    """Finds the entries of one file: looks at the text first, then at what running it gave."""

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """What is wrong with the file, as far as this search knows by now."""

    @property
    def directives(self) -> Json:
        """The words of comments that steer the file."""

    @property
    def claimed_lines(self) -> set[int]:
        """Lines of `# irlens:` comments that this provider answers, so that no other does."""

    @property
    def suggestions(self) -> list[Json]:
        """Comments that would make entries of what has none: line, name and text of each."""

    def claims(self, value: object) -> bool:
        """True when an `__explore__` call with this first argument is this provider's."""

    def watching(self) -> AbstractContextManager[None]:
        """What is in force while the file runs (launches intercepted, say)."""

    def pretending(self) -> AbstractContextManager[None]:
        """What is in force while the file runs for what it prints: the part that keeps it going."""

    def judge(self, diagnostics: list[Diagnostic]) -> None:
        """Says more about what running the file raised, in place."""

    def worth_running(self) -> bool:
        """False when running the file cannot yield an entry."""

    def planted(self) -> Mapping[str, object]:
        """Names that are builtins while the file runs."""

    def finish(self, namespace: Mapping[str, Any], complete: bool) -> list[Entry]:
        """The entries; `complete` is false when the file raised before its end."""

    def explain_nothing(self) -> None:
        """Says in `diagnostics` why there is none, after `finish`, when nobody has found an entry."""


class EmptyDiscovery:
    """A Discovery that finds nothing: what others differ from it, they override."""

    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []
        self.directives: Json = {}
        self.claimed_lines: set[int] = set()
        self.suggestions: list[Json] = []

    def claims(self, value: object) -> bool:
        return False

    def watching(self) -> AbstractContextManager[None]:
        return nullcontext()

    def pretending(self) -> AbstractContextManager[None]:
        return nullcontext()

    def judge(self, diagnostics: list[Diagnostic]) -> None:
        pass

    def worth_running(self) -> bool:
        return False

    def planted(self) -> Mapping[str, object]:
        return {}

    def finish(self, namespace: Mapping[str, Any], complete: bool) -> list[Entry]:
        return []

    def explain_nothing(self) -> None:
        pass


class Provider(Protocol):
    """One library, or a family of libraries that work together."""

    def missing(self) -> dict[str, str]:
        """Parts that are not installed, with the command that installs each."""

    def tools(self) -> dict[str, str]:
        """Installed parts and their versions."""

    def site(self) -> list[str]:
        """Folders whose change means that the tools may have changed."""

    def steps(self) -> list[str]:
        """Kinds of steps that work here."""

    def warm(self) -> None:
        """Imports everything and uses it once, so that forked children find it ready."""

    def seed(self, seed: int) -> None:
        """Fixes the library's random state."""

    def reads(self, path: str) -> bool:
        """True when files with such a name may have entries for this provider."""

    def handles(self, row: Row) -> bool:
        """True when this provider makes the row's stage."""

    def lacks(self, row: Row) -> tuple[str, str] | None:
        """The missing part that a row needs and its install command; None if it can run."""

    def discovery(self, source: Source, seed: int, claimed_lines: set[int]) -> Discovery:
        """Begins the search for entries; comments on the given lines are another's.

        Raises SyntaxError.
        """

    def saved(self, path: Path) -> list[Entry] | None:
        """The entries of a file that is loaded and not run; None for any other file.

        Raises StageFailed when it cannot be loaded.
        """

    def samples(self) -> list[str]:
        """Small files of the kinds that it finds entries in, for a rehearsal; they print nothing."""

    def prerequisite(self, row: Row) -> str | None:
        """Name of the work that several captures share (an export), None if there is none."""

    def loader(self, row: Row) -> str | None:
        """Name of the work that reads the text back from which the row is made, None if it takes the text."""

    def prepare(self, name: str, start: Any, context: Context) -> object:
        """Does that work; the result is what the stages start from. Raises StageFailed.

        `start` is the Entry, or for a loader the GivenText.
        """

    def is_quick(self, row: Row) -> bool:
        """True when making the row takes about as long as forking a process for it."""

    def comes_last(self, row: Row) -> bool:
        """True when the row waits for all others of its entry, because it uses what they leave."""

    def make(self, row: Row, state: Any, context: Context) -> StageResult:
        """Makes a stage from an Entry, from prepared work or from another stage's state; one that a tool
        makes, or that follows one, from a GivenText.

        Raises StageFailed, or whatever user code raises.
        """

    def explain(self, row: Row, state: Any, context: Context) -> StageFailed | None:
        """Finds what made `make` crash or run on; each attempt runs in a child of its own.

        The result's status, if it has one, says more than how the process ended.
        """

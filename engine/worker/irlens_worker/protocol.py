"""Requests and diagnostics as typed values; the one place that knows their JSON names.

Called by the zygote on each request line, and wherever a diagnostic is made.
The format itself is described in engine/worker/PROTOCOL.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Json = dict[str, Any]
# File, line, column; both counted from 1, 0 means unknown.
Frame = tuple[str, int, int]

# A write of at most this many bytes to a pipe is atomic (PIPE_BUF on Linux is 4096).
MAX_LINE = 4095


class BadRequest(Exception):
    """A request line that cannot be executed; `job` is set when the line named one."""

    def __init__(self, message: str, job: int | None = None) -> None:
        super().__init__(message)
        self.job = job


@dataclass(frozen=True)
class Row:
    """One stage to make: a row of ir_lowering/pipelines.json."""

    id: str
    # The row that it is made from, or an origin: `from`.
    parent: str
    # Empty if the row does not say it: then the text does.
    format: str
    steps: tuple[Json, ...]
    # Those that it is made for; None: all of its origin.
    entries: frozenset[str] | None = None
    # The row of `origins` whose entries have it: several origins may have stages of one name.
    origin: str | None = None
    # What torch-mlir makes of the program here (`linalg`, `tosa`, `stablehlo`), whatever the row is called.
    backend: str = ""

    def is_for(self, entry: str, origin: str) -> bool:
        """Whether it is made for this entry, whose own rows begin at `origin`."""
        return self.origin in (None, origin) and (self.entries is None or entry in self.entries)

    @property
    def capture(self) -> str | None:
        """What the first step captures, None when the row starts from another stage."""
        return self.steps[0].get("capture") if self.steps else None

    @property
    def tool(self) -> str:
        """The tool that makes it from its parent's text, empty if no step names one."""
        return next((str(step["tool"]) for step in self.steps if "tool" in step), "")


@dataclass(frozen=True)
class Limits:
    """What one job may use."""

    timeout_ms: int = 60_000
    memory_mb: int = 4096
    output_limit: int = 8 << 20
    parallel: int = 2

    def timeout_text(self, share: float = 1.0) -> str:
        """What users read about whatever ran into the time limit, or into its share of that."""
        return f"stopped after the time limit of {self.timeout_ms / 1000 * share:g} s"


@dataclass(frozen=True)
class CaptureRequest:
    """Run a file and lower its entries."""

    job: int
    out: Path
    limits: Limits
    rows: tuple[Row, ...]
    file: Path
    cwd: Path
    seed: int = 0
    weights: str = "names"
    literal_limit: int = 16
    entries: tuple[str, ...] | None = None
    passes: frozenset[str] = frozenset()
    # A capture after the first one, for stages that take long.
    background: bool = False


@dataclass(frozen=True)
class LowerRequest:
    """Go on from the raw text of an artifact."""

    job: int
    out: Path
    limits: Limits
    rows: tuple[Row, ...]
    entry: str
    input_stage: str
    input_path: Path
    input_format: str
    # The user's own file whose text that is, for locations; empty if a stage has made it.
    input_name: str = ""
    weights: str = "names"
    literal_limit: int = 16
    passes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class CancelRequest:
    """Kill a job at once."""

    job: int


RunRequest = CaptureRequest | LowerRequest
Request = CaptureRequest | LowerRequest | CancelRequest


def parse_request(message: Any) -> Request:
    """Checks a decoded request line. Raises BadRequest with what is wrong."""
    if not isinstance(message, dict):
        raise BadRequest("a request is a JSON object")
    job = message.get("job")
    if not isinstance(job, int) or isinstance(job, bool):
        raise BadRequest("'job' must be an integer")
    try:
        return _parse(message, job)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadRequest(f"bad request: {type(error).__name__}: {error}", job) from error


def _parse(message: Json, job: int) -> Request:
    op = message.get("op")
    if op == "cancel":
        return CancelRequest(job)
    if op != "run":
        raise BadRequest(f"unknown op {op!r}", job)
    limits = Limits(
        timeout_ms=int(message.get("timeout_ms", Limits.timeout_ms)),
        memory_mb=int(message.get("memory_mb", Limits.memory_mb)),
        output_limit=int(message.get("output_limit", Limits.output_limit)),
        parallel=max(1, int(message.get("parallel", Limits.parallel))),
    )
    rows = tuple(_parse_row(row) for row in message["stages"])
    out = _absolute(message["out"], job)
    weights = message.get("weights", "names")
    literal_limit = int(message.get("literal_limit", 16))
    passes = frozenset(str(stage) for stage in message.get("passes", ()))
    kind = message.get("kind")
    if kind == "capture":
        file = _absolute(message["file"], job)
        names = message.get("entries")
        return CaptureRequest(
            job=job,
            out=out,
            limits=limits,
            rows=rows,
            file=file,
            cwd=Path(message.get("cwd") or file.parent),
            seed=int(message.get("seed", 0)),
            weights=weights,
            literal_limit=literal_limit,
            entries=tuple(names) if names is not None else None,
            passes=passes,
            background=bool(message.get("background", False)),
        )
    if kind == "lower":
        given = message["input"]
        return LowerRequest(
            job=job,
            out=out,
            limits=limits,
            rows=rows,
            entry=str(message["entry"]),
            input_stage=str(given["stage"]),
            input_path=_absolute(given["path"], job),
            input_format=str(given.get("format", "")),
            input_name=str(given.get("name", "")),
            weights=weights,
            literal_limit=literal_limit,
            passes=passes,
        )
    raise BadRequest(f"unknown kind {kind!r}", job)


def _parse_row(row: Json) -> Row:
    steps = tuple(row["steps"])
    if not all(isinstance(step, dict) and step for step in steps):
        raise ValueError(f"stage {row['id']!r}: each step is an object")
    return Row(
        id=str(row["id"]),
        parent=str(row["from"]),
        format=str(row.get("format", "")),
        steps=steps,
        entries=frozenset(row["entries"]) if "entries" in row else None,
        origin=row.get("origin"),
        backend=str(row.get("backend", "")),
    )


def _absolute(text: str, job: int) -> Path:
    path = Path(text)
    if not path.is_absolute():
        raise BadRequest(f"not an absolute path: {text!r}", job)
    return path


@dataclass
class Diagnostic:
    """What is wrong with the user's code (DIAG). Frames go from the innermost outwards."""

    message: str
    frames: list[Frame] = field(default_factory=list)
    severity: str = "error"
    op: str = ""
    pass_name: str = ""
    notes: list[tuple[str, list[Frame]]] = field(default_factory=list)
    # A page about this kind of diagnostic.
    link: str = ""
    # Where the code to blame ends: the line and the column behind it; 0 if unknown.
    end: tuple[int, int] = (0, 0)

    def to_json(self) -> Json:
        """The DIAG object of the protocol."""
        result: Json = {
            "severity": self.severity,
            "message": self.message,
            "frames": [list(frame) for frame in self.frames],
        }
        if self.op:
            result["op"] = self.op
        if self.pass_name:
            result["pass"] = self.pass_name
        if self.link:
            result["link"] = self.link
        if self.end[0]:
            result["end"] = list(self.end)
        if self.notes:
            result["notes"] = [
                {"message": message, "frames": [list(frame) for frame in frames]} for message, frames in self.notes
            ]
        return result

    @staticmethod
    def from_json(value: Json) -> Diagnostic:
        """The inverse of to_json. Raises KeyError, TypeError or ValueError."""
        return Diagnostic(
            message=value["message"],
            frames=_frames(value["frames"]),
            severity=value["severity"],
            op=value.get("op", ""),
            pass_name=value.get("pass", ""),
            link=value.get("link", ""),
            notes=[(note["message"], _frames(note["frames"])) for note in value.get("notes", [])],
            end=(value["end"][0], value["end"][1]) if "end" in value else (0, 0),
        )


def _frames(value: Any) -> list[Frame]:
    return [(file, line, column) for file, line, column in value]

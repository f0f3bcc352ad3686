"""Writes the files below a job's OUT folder; nobody ever sees half a file.

Called in the job's processes (and by the zygote for the program's output).
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .protocol import Diagnostic, Json
from .text_format import format_of


@dataclass(frozen=True)
class PassRecord:
    """What one pass of a stage did: the text after it; of one that failed, the text before it."""

    name: str
    format: str
    text: str
    ms: float
    changed: bool
    ops: int
    failed: bool = False


@dataclass
class StageResult:
    """What making one stage gave."""

    text: str | None = None
    # Of the text, when it is another than the row says: of a stage that has failed, or of a tool's result.
    format: str = ""
    # What a tool has said beside its result.
    stderr: str = ""
    links: Json | None = None
    summary: Json = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    note: str = ""
    status: str = "ok"
    # Further files of the stage, by extension, in pieces: data for other stages.
    attachments: Mapping[str, Iterable[bytes]] = field(default_factory=dict)
    # What stages made from this one start from; stays in the process.
    state: object = None
    # Each pass that was run, when the job asks for that.
    passes: list[PassRecord] = field(default_factory=list)
    # What the provider needs beside the text to go on from it in another process.
    resume: Json = field(default_factory=dict)


_FILE_NAME = re.compile(r"[^A-Za-z0-9._-]+")


def write_file(path: Path, *pieces: bytes) -> None:
    """Writes to a temporary name beside `path`, then renames. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as stream:
            for piece in pieces:
                stream.write(piece)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def write_json(path: Path, value: Json) -> None:
    """Writes a JSON file. Raises OSError."""
    write_file(path, json.dumps(value, separators=(",", ":")).encode() + b"\n")


def write_stage(out: Path, entry: str, stage: str, format: str, result: StageResult, ms: float) -> None:
    """Writes <entry>/<stage>.raw, .stderr, .links and .json, the last one last. Raises OSError."""
    folder = out / entry
    for extension, pieces in result.attachments.items():
        write_file(folder / f"{stage}.{extension}", *pieces)
    if result.text is not None:
        write_file(folder / f"{stage}.raw", result.text.encode("utf-8", "surrogateescape"))
    if result.stderr:
        write_file(folder / f"{stage}.stderr", result.stderr.encode("utf-8", "surrogateescape"))
    if result.links is not None:
        write_json(folder / f"{stage}.links", result.links)
    write_json(
        folder / f"{stage}.json",
        {
            "status": result.status,
            "ms": round(ms, 3),
            "format": result.format or format or format_of(result.text or ""),
            "summary": result.summary,
            "diagnostics": [diagnostic.to_json() for diagnostic in result.diagnostics],
            "note": result.note,
            **({"resume": result.resume} if result.resume else {}),
        },
    )


def write_passes(out: Path, entry: str, stage: str, passes: list[PassRecord]) -> None:
    """Writes <entry>/<stage>.passes/, passes.json last. Raises OSError."""
    folder = out / entry / f"{stage}.passes"
    rows = []
    file = ""
    for index, item in enumerate(passes):
        if item.changed or not file:
            file = f"{index:03}-{_FILE_NAME.sub('-', item.name)}.raw"
            write_file(folder / file, item.text.encode("utf-8", "surrogateescape"))
        rows.append(
            {
                "index": index,
                "name": item.name,
                "format": item.format,
                "ms": round(item.ms, 3),
                "changed": item.changed,
                "ops": item.ops,
                "file": file,
                **({"failed": True} if item.failed else {}),
            }
        )
    write_json(folder / "passes.json", {"passes": rows})


def write_run(
    out: Path,
    entries: Iterable[str],
    files: Iterable[str],
    diagnostics: Iterable[Diagnostic],
    directives: Json,
    suggestions: Iterable[Json] = (),
    raw: Json | None = None,
) -> None:
    """Writes run.json. Raises OSError."""
    write_json(
        out / "run.json",
        {
            "entries": list(entries),
            "files": sorted(files),
            "diagnostics": [diagnostic.to_json() for diagnostic in diagnostics],
            "directives": directives,
            "suggestions": list(suggestions),
            **({"raw": raw} if raw else {}),
        },
    )

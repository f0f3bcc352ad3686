"""Goes on from a stage's text in another process, as when a later stage is opened.

The text alone does not tell all options: `notes` go into the stage's .json (`resume`). A text without them,
as that of a file, is taken for what it says of itself.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from irlens_worker.given_text import GivenText
from irlens_worker.protocol import Diagnostic, Json
from irlens_worker.provider import StageFailed

from ..targets import Target, parse_target
from .capture_output import Said
from .compiler import Compilation, advance, begin_with_text, lineage
from .diagnostics import failure
from .text_facts import facts_of

_KINDS = "neither a tt.func nor a kernel in LLVM IR, PTX or AMDGCN"
_PLAIN = (bool, int, float, str, type(None))


def notes(compilation: Compilation, stage: str) -> Json:
    """What `resume` needs beside the text."""
    return {
        "stage": stage,
        "target": compilation.target.name,
        "gluon": compilation.is_gluon,
        "options": _plain(compilation.given),
        # Stages tell later ones: the kernel's name, its shared memory.
        "metadata": {**_plain(compilation.metadata), "target": None},
    }


def carry_on(given: GivenText, text: str) -> Json:
    """The notes of a text that a tool has made of the given one; nothing if that has none."""
    found = _notes_of(given)
    stage = facts_of(text).stage
    return {**found, "stage": stage} if found and stage and not found["gluon"] else found


def resume(given: GivenText, target_name: str = "") -> Compilation:
    """Continues from a text, of OUT/<entry>/<stage>.raw or the user's own. Raises StageFailed."""
    found, facts = _notes_of(given), facts_of(given.read())
    stage = found.get("stage") or facts.stage
    if not stage:
        raise StageFailed(
            [Diagnostic(f"{Path(given.name or given.path).name} is no IR of Triton's: {_KINDS}", given.place)]
        )
    said: list[Said] = []
    try:
        target = parse_target(target_name or found.get("target", ""))
        if facts.refuses(target.name):
            made_for = facts.target or f"a GPU whose name begins with {facts.family}"
            text = f"the text was made for {made_for}, not for {target.name}"
            raise StageFailed([Diagnostic(text, given.place, severity="info")], status="unavailable")
        options = found.get("options", facts.options)
        compilation = begin_with_text(given, stage, target, options, found.get("gluon", False), said)
    except (RuntimeError, ValueError) as error:
        raise StageFailed([_placed(item, given) for item in failure(error, said)]) from error
    compilation.frames = given.place
    compilation.metadata |= {name: value for name, value in facts.metadata(target.warp_size).items() if value}
    known = {name: value for name, value in found.get("metadata", {}).items() if name != "target"}
    compilation.metadata.update(known)
    return compilation


def _notes_of(given: GivenText) -> Json:
    """What `notes` has left beside a stage's text; a file of the user's has none."""
    try:
        path = given.path.with_name(given.path.name.removesuffix(".raw") + ".json")
        found = json.loads(path.read_bytes())["resume"]
        return found if {"stage", "target", "options", "gluon", "metadata"} <= found.keys() else {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _placed(diagnostic: Diagnostic, given: GivenText) -> Diagnostic:
    diagnostic.frames = [given.frame(frame) for frame in diagnostic.frames] or given.place
    return diagnostic


def finish(folder: Path, target: Target) -> Compilation | None:
    """Makes the binary from the assembly in OUT/<entry>, None if there is none for this target.

    Raises StageFailed, and what Triton raises.
    """
    *_, assembly, binary = lineage(target)
    for path in sorted(folder.glob("*.json")):
        found = json.loads(path.read_bytes()).get("resume") or {}
        if (found.get("stage"), found.get("target")) == (assembly, target.name):
            compilation = resume(GivenText(path.with_suffix(".raw")))
            advance(compilation, binary)
            return compilation
    return None


def _plain(values: dict[str, Any]) -> Json:
    return {name: value for name, value in values.items() if isinstance(value, _PLAIN)}

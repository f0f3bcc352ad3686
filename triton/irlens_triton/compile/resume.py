"""Goes on from a stage's text in another process, as when a later stage is opened.

The text alone does not tell the options: `notes` go into the stage's .json (`resume`).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from irlens_worker.protocol import Diagnostic, Json
from irlens_worker.provider import StageFailed

from ..targets import Target, parse_target
from .compiler import Compilation, advance, begin_with_text, lineage

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


def resume(path: Path) -> Compilation:
    """Continues from OUT/<entry>/<stage>.raw. Raises StageFailed."""
    try:
        found = json.loads(path.with_name(path.name.removesuffix(".raw") + ".json").read_bytes())["resume"]
        target = parse_target(found["target"])
        compilation = begin_with_text(str(path), found["stage"], target, found["options"], found["gluon"])
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise StageFailed([Diagnostic(f"cannot go on from {path.name}: {error}")]) from error
    known = {name: value for name, value in found["metadata"].items() if name != "target"}
    compilation.metadata.update(known)
    return compilation


def finish(folder: Path, target: Target) -> Compilation | None:
    """Makes the binary from the assembly in OUT/<entry>, None if there is none for this target.

    Raises StageFailed, and what Triton raises.
    """
    *_, assembly, binary = lineage(target)
    for path in sorted(folder.glob("*.json")):
        found = json.loads(path.read_bytes()).get("resume") or {}
        if (found.get("stage"), found.get("target")) == (assembly, target.name):
            compilation = resume(path.with_suffix(".raw"))
            advance(compilation, binary)
            return compilation
    return None


def _plain(values: dict[str, Any]) -> Json:
    return {name: value for name, value in values.items() if isinstance(value, _PLAIN)}

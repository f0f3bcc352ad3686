"""Makes one stage of a kernel for one target, from what the stage before it left.

Called in the process of that stage. A step is {"triton": {"stage": "ttgir", "target":
"sm_90"}}; the state that goes on to stages made from this one is a Compilation.
"""

from __future__ import annotations

import contextlib
import subprocess
from pathlib import Path
from typing import Any

from irlens_worker.artifacts import PassRecord, StageResult
from irlens_worker.frames import is_library_file
from irlens_worker.given_text import GivenText
from irlens_worker.protocol import Diagnostic, Frame, Json
from irlens_worker.provider import StageFailed

from .compile.capture_output import Said
from .compile.compiler import Compilation, advance, begin, stands_at
from .compile.diagnostics import PIPELINE_FAILED, failure, remarks
from .compile.passes import PassFailed, count_operations, recording
from .compile.resume import notes, resume
from .compile.retrace import retrace
from .kernels import Kernel
from .read import hsaco, sass
from .resources.resources import facts, gist, measure
from .targets import UnknownTarget, parse_target

# Stages about all targets at once, and who makes them.
_TABLES = {"resources": "make_resources", "configurations": "make_configurations"}
# Tells about the stage that it is made from; nothing is made from it.
_LAYOUTS = "layouts"


def make_table(step: Json, state: Kernel | GivenText, made: Path | None) -> StageResult | None:
    """A stage about all targets, None if the step is about one. `made` has what other stages left.

    Raises StageFailed.
    """
    if step.get("stage") not in _TABLES or not isinstance(state, Kernel):
        return None
    from .resources import resource_table

    return getattr(resource_table, _TABLES[step["stage"]])(state, step["target"].split(","), made)


def make_stage(
    stage: str, target_name: str, state: Kernel | GivenText | Compilation, record: bool = False, listen: bool = True
) -> StageResult:
    """The stage's text, with `record` each pass as well. Raises StageFailed.

    Without `listen` what compilers say stays on stderr.
    """
    if stage == _LAYOUTS:
        from .read import layouts

        assert isinstance(state, Compilation)
        return layouts.make_layouts(state)
    if isinstance(state, Compilation):
        compilation = state
        compilation.said.clear()
    else:
        compilation = _begin(state, target_name)
        compilation.frames = place_of(state)
    passes: list[PassRecord] = []
    # Of a file that came through a capture (discover/ir_files.py, and goes with it) a row may show the text itself.
    if not (isinstance(state, GivenText) and stands_at(compilation, stage)):
        compilation.listens = listen
        passes = _advance(compilation, stage, record)
    if stage == "sass":
        result = _sass(compilation)
    elif stage == "hsaco":
        result = _hsaco(compilation)
    else:
        result = _text(compilation, stage)
    result.diagnostics += remarks(compilation.said)
    result.state = compilation
    result.resume = notes(compilation, stage)
    result.passes = passes
    return result


def _begin(entry: Kernel | GivenText, target_name: str) -> Compilation:
    """The front end, or the parser."""
    if isinstance(entry, GivenText):
        return resume(entry, target_name)
    try:
        target = parse_target(target_name)
    except UnknownTarget as error:
        raise StageFailed([Diagnostic(str(error), place_of(entry))]) from error
    said: list[Said] = []
    try:
        return begin(entry.function, entry.variant, target, said)
    except MemoryError:
        raise
    except Exception as error:
        raise _failed(error, said, place_of(entry)) from error


def place_of(entry: Kernel | GivenText) -> list[Frame]:
    """Where to say what no line of the kernel is known for."""
    return entry.frames if isinstance(entry, Kernel) else entry.place


def _advance(compilation: Compilation, stage: str, record: bool) -> list[PassRecord]:
    passes: list[PassRecord] = []
    metadata = dict(compilation.metadata)
    try:
        with recording(compilation.backend, passes) if record else contextlib.nullcontext():
            advance(compilation, stage)
    except MemoryError:
        raise
    except Exception as error:
        failed = _failed(error, compilation.said, compilation.frames, compilation.texts.get("ptx", ""))
        name = error.name if isinstance(error, PassFailed) else ""
        if not record:
            name, passes = retrace(compilation, stage, metadata)
        if name:
            _blame(failed.diagnostics, name)
        failed.leave(passes, keep=record)
        raise failed from error
    return passes


def _blame(diagnostics: list[Diagnostic], name: str) -> None:
    for diagnostic in diagnostics:
        diagnostic.pass_name = name
        if diagnostic.message == PIPELINE_FAILED:
            diagnostic.message = f"the pass {name} failed"
            diagnostic.notes.clear()


def _failed(error: Exception, said: list[Said], frames: list[Any], ptx: str = "") -> StageFailed:
    diagnostics = failure(error, said, ptx)
    for diagnostic in diagnostics:
        if frames and all(is_library_file(file) for file, _, _ in diagnostic.frames):
            diagnostic.frames = list(frames)
    return StageFailed(diagnostics)


def _text(compilation: Compilation, stage: str) -> StageResult:
    name, text = next(reversed(compilation.texts.items()))
    result = StageResult(text=text, summary=_summary(compilation, stage, text))
    if name == "glir":
        result.note = "Gluon: what the front end makes; there is no TTIR"
    return result


def _summary(compilation: Compilation, stage: str, text: str) -> Json:
    if stage in ("ttir", "ttgir"):
        return {"ops": count_operations(text)}
    if stage == "amdgcn":
        # AMD's assembly tells what it needs; for NVIDIA only ptxas knows.
        found = measure(compilation)
        return {"gist": gist(found), "kernels": [{"name": compilation.metadata["name"], "facts": facts(found)}]}
    if stage == "ptx":
        told = [["warps", compilation.metadata["num_warps"]]]
        if compilation.metadata.get("shared") is not None:
            told.append(["shared", f"{compilation.metadata['shared']} B"])
        return {"kernels": [{"name": compilation.metadata["name"], "facts": told}]}
    return {}


def _sass(compilation: Compilation) -> StageResult:
    cubin, ptx = compilation.texts["cubin"], compilation.texts["ptx"]
    try:
        found = sass.read_sass(sass.disassemble(cubin), ptx)
    except (OSError, subprocess.SubprocessError) as error:
        raise StageFailed([Diagnostic(f"nvdisasm of the triton wheel failed: {_reason(error)}")]) from error
    text = f"{len(found.instructions)} instructions · {gist(measure(compilation))}"
    return StageResult(text=found.text, links=found.links, summary={"gist": text})


def _hsaco(compilation: Compilation) -> StageResult:
    objdump = hsaco.find_objdump()
    if objdump is None:
        message = f"hsaco needs {hsaco.PART}, which is not installed: {hsaco.INSTALL}"
        raise StageFailed([Diagnostic(message, severity="info")], status="unavailable")
    try:
        printed = hsaco.disassemble(compilation.texts["hsaco"], str(compilation.target.arch), objdump)
    except (OSError, subprocess.SubprocessError) as error:
        raise StageFailed([Diagnostic(f"{objdump} failed: {_reason(error)}")]) from error
    found = hsaco.read_hsaco(printed, compilation.texts["amdgcn"])
    return StageResult(text=found.text, links=found.links, summary={"gist": f"{len(found.instructions)} instructions"})


def _reason(error: Exception) -> str:
    stderr = getattr(error, "stderr", None)
    lines = stderr.strip().splitlines() if stderr else []
    return lines[0] if lines else str(error)

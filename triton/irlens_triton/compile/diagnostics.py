"""Turns what Triton, MLIR and ptxas say into diagnostics on the lines of the kernel.

Called when a stage was made or could not be made, in that stage's process.
"""

from __future__ import annotations

import re
from typing import Any

from irlens_worker.frames import exception_diagnostic, is_library_file
from irlens_worker.protocol import Diagnostic, Frame
from triton.compiler.errors import CompilationError, CompileTimeAssertionFailure

from ..kernels import definition_line
from .capture_output import Said
from .ptx_locations import PtxLocations
from .remarks import explain_remark

_SEVERITIES = {"error": "error", "warning": "warning", "remark": "hint"}
_PTXAS = re.compile(r"^ptxas\S* .*?, line (\d+); (error|warning)\s*: (.*)$", re.MULTILINE)
_MOST = 16
# What MLIR says of a pass manager with a pass that failed, after what the pass itself has said.
PIPELINE_FAILED = "Failures have been detected while processing an MLIR pass pipeline"


def failure(error: BaseException, said: list[Said], ptx: str = "") -> list[Diagnostic]:
    """Why a stage could not be made; never empty."""
    if isinstance(error, CompilationError):
        return [_compilation_error(error)]
    if type(error).__name__ == "PTXASError":
        return _ptxas_errors(str(error), ptx)
    errors = [item for item in said if item.severity == "error"]
    found = [_diagnostic(item) for item in errors if item.text != PIPELINE_FAILED or len(errors) == 1]
    return found or [exception_diagnostic(error)]


def remarks(said: list[Said]) -> list[Diagnostic]:
    """What the compiler remarks about a kernel that it could compile; each place once."""
    found: dict[str, Diagnostic] = {}
    for item in said:
        if item.severity in ("warning", "remark"):
            found.setdefault(f"{item.text}{item.frame}", _diagnostic(item))
    return list(found.values())[:_MOST]


def _diagnostic(said: Said) -> Diagnostic:
    text, meaning = explain_remark(said.text)
    severity = _SEVERITIES[said.severity]
    diagnostic = Diagnostic(text, [said.frame] if said.frame else [], severity)
    if meaning:
        diagnostic.notes.append((meaning, []))
    for note in said.notes:
        # "called from" says where an inlined helper was called.
        if note.frame and note.text.startswith("called from"):
            diagnostic.frames.append(note.frame)
        elif not note.text.startswith("see current operation"):
            diagnostic.notes.append((note.text, [note.frame] if note.frame else []))
    return diagnostic


def _compilation_error(error: CompilationError) -> Diagnostic:
    """An error of the front end: one exception per function on the way, the outermost first."""
    frames: list[Frame] = []
    end = (0, 0)
    message = ""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, CompilationError):
            frame, behind = _frame(cause)
            if frame and frame not in frames:
                frames.insert(0, frame)
                end = behind
            message = cause.error_message or message
        else:
            message = message or f"{type(cause).__name__}: {cause}"
        cause = cause.__cause__
    prefix = "static_assert failed" if isinstance(error, CompileTimeAssertionFailure) else ""
    message = message.strip() or str(error).strip().splitlines()[-1]
    if prefix:
        message = f"{prefix}: {message}" if message else prefix
    inner = [frame for index, frame in enumerate(frames) if index == 0 or not is_library_file(frame[0])]
    return Diagnostic(message, inner, end=end)


def _frame(error: CompilationError) -> tuple[Frame | None, tuple[int, int]]:
    """Where the error's function stands, and where the code to blame ends: the exception only
    has that function's text."""
    function = _function_with_text(error.src)
    node = error.node
    line, column = getattr(node, "lineno", 0), getattr(node, "col_offset", -1) + 1
    if function is None or not line:
        return None, (0, 0)
    above, indent = definition_line(function) - 1, _indent(function)
    frame = (function.fn.__code__.co_filename, above + line, column + indent)
    return frame, (above + (node.end_lineno or line), (node.end_col_offset or 0) + 1 + indent)


def _function_with_text(text: str | None) -> Any:
    from triton.runtime import jit

    registry = getattr(jit, "_triton_jit_function_registry", {})
    return next((item for item in registry.values() if item.src == text), None)


def _indent(function: Any) -> int:
    first = next((line for line in function.raw_src if line.strip()), "")
    return len(first) - len(first.lstrip())


def _ptxas_errors(text: str, ptx: str) -> list[Diagnostic]:
    """ptxas names lines of the PTX text."""
    locations = PtxLocations(ptx)
    found = [
        Diagnostic(f"ptxas: {message}", locations.chain(int(line)), severity)
        for line, severity, message in _PTXAS.findall(text)
    ]
    if found:
        return found[:_MOST]
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith(("Repro", "`ptxas` stderr"))]
    return [Diagnostic("\n".join(lines[:3]) or "ptxas failed")]

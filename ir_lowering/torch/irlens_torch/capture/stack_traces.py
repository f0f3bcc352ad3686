"""Records the whole call chain, with columns, of each operation while a program is exported.

torch.export keeps only frames of functions named `forward`, so that a helper function or a
method called by it is lost. While `recording` is active, torch's own filter is replaced by
one that looks at the live frames. FX carries the result as text in `stack_trace`; the column
stands where the text has room for it, after the function's name. Traces that others have made
(torch.compile, saved programs) are read as well.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import linecache
import os
import re
import sys
import traceback
from collections.abc import Iterable, Iterator
from types import CodeType, FrameType
from typing import Any

import torch
from irlens_worker.frames import code_column, is_own_file
from irlens_worker.protocol import Frame
from torch.fx.proxy import TracerBase

_FRAME = re.compile(
    r'File "([^"]+)", line (\d+)(?:, in \S+ column (\d+)|(?:, in .*)?\n    (?P<code>\S.*)(?:\n    (?P<gap> *)[~^]+)?)?'
)
_TORCH = os.path.dirname(os.path.abspath(torch.__file__)) + os.sep
# Of torch itself only what people know as layers and functions is part of a call chain.
_KNOWN = (os.path.join(_TORCH, "nn") + os.sep, os.path.join(_TORCH, "functional.py"))
_MACHINERY = tuple(os.path.join(_TORCH, "nn", "modules", name) for name in ("module.py", "_functions.py"))


@contextlib.contextmanager
def recording() -> Iterator[None]:
    """Makes FX record the frames between the innermost call and the exporting function."""
    original = TracerBase._filter_traceback_frames
    TracerBase._filter_traceback_frames = _live_frames
    try:
        yield
    finally:
        TracerBase._filter_traceback_frames = original


def parse_stack_trace(text: str | None) -> list[Frame]:
    """The frames of an FX node's `stack_trace`, innermost first."""
    frames = [(match[1], int(match[2]), _column_in(match)) for match in _FRAME.finditer(text or "")]
    return [frame for frame in reversed(frames) if not is_own_file(frame[0]) and is_known_file(frame[0])]


def summary_frames(stack: Iterable[traceback.FrameSummary]) -> list[Frame]:
    """The same for a stack that Python's traceback module describes, outermost frame first."""
    frames = []
    for frame in stack:
        column = getattr(frame, "colno", None)  # Python 3.11 or later
        frames.append((frame.filename, frame.lineno or 0, 0 if column is None else int(column) + 1))
    return [frame for frame in reversed(frames) if not is_own_file(frame[0]) and is_known_file(frame[0])]


def _column_in(match: re.Match[str]) -> int:
    """The column of a frame: our own, or that of the marks below the code: carets and, where
    Python points at a part of them, tildes."""
    if match["code"] is None:
        return int(match[3] or 0)
    line = linecache.getline(match[1], int(match[2]))
    code = match["code"].strip()
    if line.strip() != code:
        return 0  # the file has changed since
    offset = unmarked_offset(code) if match["gap"] is None else len(match["gap"])
    return 0 if offset is None else len(line) - len(line.lstrip()) + offset + 1


def unmarked_offset(code: str) -> int | None:
    """Where the call begins that Python 3.13 does not mark, as it is all that a statement assigns
    or returns (traceback.StackSummary._should_show_carets); None for other code."""
    if sys.version_info < (3, 13):
        return None
    try:
        statement = ast.parse(code).body[0]
    except (SyntaxError, IndexError):
        return None
    match statement:
        case ast.Assign(value=ast.Call() as call) | ast.Return(value=ast.Call(func=ast.Name()) as call):
            return len(code.encode()[: call.col_offset].decode())
    return None


def format_stack_trace(frames: list[Frame]) -> str:
    """The inverse of parse_stack_trace."""
    return "\n".join(f'File "{file}", line {line}, in call column {column}' for file, line, column in reversed(frames))


def is_known_file(path: str) -> bool:
    """False for the machinery of torch between a call and the code that it runs."""
    if path.startswith("<") or path.startswith(_MACHINERY):
        return False
    return not path.startswith(_TORCH) or path.startswith(_KNOWN)


def _live_frames(tracer: Any, summary: traceback.StackSummary) -> traceback.StackSummary:
    found: list[traceback.FrameSummary] = []
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        code = frame.f_code
        if is_own_file(code.co_filename):
            break
        if is_known_file(code.co_filename):
            name = f"{code.co_name} column {_column(code, frame.f_lasti)}"
            found.append(traceback.FrameSummary(code.co_filename, frame.f_lineno, name, lookup_line=False, line=""))
        frame = frame.f_back
    return traceback.StackSummary.from_list(list(reversed(found)))


@functools.lru_cache(maxsize=4096)
def _column(code: CodeType, instruction: int) -> int:
    return code_column(code, instruction)

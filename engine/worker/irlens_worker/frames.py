"""Turns tracebacks into the frames that a user wants to see.

Called in a job's processes when user code or a library raises.
"""

from __future__ import annotations

import itertools
import os
import sysconfig
from types import CodeType, TracebackType

from .protocol import Diagnostic, Frame

_MAX_FRAMES = 20
_MAX_MESSAGE = 1000

_LIBRARY_FOLDERS = tuple(
    os.path.realpath(path) + os.sep
    for name, path in sysconfig.get_paths().items()
    if name in ("stdlib", "platstdlib", "purelib", "platlib")
)
_OWN_FOLDER = os.path.dirname(os.path.abspath(__file__)) + os.sep
_own_folders = {_OWN_FOLDER}
_NOTES = "__irlens_notes__"


def register_own_folder(package_file: str) -> None:
    """Makes the frames of another package of ours invisible, given its __file__."""
    _own_folders.add(os.path.dirname(os.path.abspath(package_file)) + os.sep)


def is_library_file(path: str) -> bool:
    """True for files of the interpreter and of installed packages."""
    return (
        path.startswith("<")
        or "/site-packages/" in path
        or "/dist-packages/" in path
        or path.startswith(_LIBRARY_FOLDERS)
    )


def is_own_file(path: str) -> bool:
    """True for the worker's own files."""
    return path.startswith(tuple(_own_folders))


def code_column(code: CodeType, instruction: int) -> int:
    """Column of the expression that an instruction (f_lasti) belongs to, 0 if unknown."""
    if instruction < 0 or not hasattr(code, "co_positions"):
        return 0
    position = next(itertools.islice(code.co_positions(), instruction // 2, None), None)
    if position is None or position[2] is None:
        return 0
    return int(position[2]) + 1


def traceback_frames(traceback: TracebackType | None) -> list[Frame]:
    """The frames of a traceback, innermost first, without the worker's own.

    Of the frames in libraries only the innermost stays: the others say how a library
    works, not where the user's code is wrong.
    """
    frames: list[Frame] = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        file = code.co_filename
        if not file.startswith("<") and not is_own_file(file):
            frames.append((file, traceback.tb_lineno, code_column(code, traceback.tb_lasti)))
        traceback = traceback.tb_next
    frames.reverse()
    return [frame for index, frame in enumerate(frames) if index == 0 or not is_library_file(frame[0])][:_MAX_FRAMES]


def add_note(error: BaseException, message: str, frames: list[Frame]) -> None:
    """Lets the diagnostic of an exception say more, while the exception is on its way."""
    error.__dict__.setdefault(_NOTES, []).append((message, frames))


def exception_diagnostic(error: BaseException, prefix: str = "") -> Diagnostic:
    """What an exception says, on the line where user code raised it."""
    frames = traceback_frames(error.__traceback__)
    text = str(error)
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        # The frame that called the compiler is no place of interest.
        frames = [frame for frame in frames if not is_library_file(frame[0])]
        frames.insert(0, (error.filename, error.lineno, error.offset or 0))
        text = error.msg
    head, _, rest = text.strip().partition("\n\n")
    name = type(error).__name__
    diagnostic = Diagnostic(f"{prefix}{name}: {_cut(head)}" if head else prefix + name, frames)
    if rest.strip():
        diagnostic.notes.append((_cut(rest.strip()), frames))
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and str(cause).strip() and str(cause) not in str(error):
        cause_frames = traceback_frames(cause.__traceback__)
        diagnostic.notes.append((f"{type(cause).__name__}: {_cut(str(cause))}", cause_frames))
        if all(is_library_file(file) for file, _, _ in frames):
            diagnostic.frames = frames + cause_frames
    diagnostic.notes += vars(error).get(_NOTES, [])
    return diagnostic


def _cut(text: str) -> str:
    text = text.strip()
    return text if len(text) <= _MAX_MESSAGE else text[:_MAX_MESSAGE] + "..."

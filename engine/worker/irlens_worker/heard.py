"""Hears what compilers print: their messages go to descriptor 2, past Python.

Used in the process of a stage, around the compiler's work.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass

_MOST = 4 << 20


@dataclass
class Heard:
    """What was printed; there after the block."""

    text: str = ""


@contextlib.contextmanager
def hearing() -> Iterator[Heard]:
    """Keeps what is printed to descriptor 2 within the block from going there."""
    heard = Heard()
    sys.stderr.flush()
    kept = os.dup(2)
    file = os.memfd_create("heard")
    os.dup2(file, 2)
    try:
        yield heard
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)
        heard.text = os.pread(file, _MOST, 0).decode(errors="replace")
        os.close(file)

"""Makes a stage that has failed once more, pass by pass, to learn which pass it was.

Compilers run all passes of a stage at once and leave a module that is neither what they were
given nor what they were to make. Called in the process of that stage, unless its passes were
recorded anyway.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from irlens_worker.artifacts import PassRecord
from irlens_worker.given_text import GivenText

from .compiler import Compilation, advance, begin_with_text
from .passes import PassFailed, recording

# The stages that have passes, and the one before: what begin_with_text calls its text.
_BEFORE = {"ttgir": "ttir", "triton-llvm-ir": "ttgir"}


def retrace(compilation: Compilation, stage: str, metadata: dict[str, Any]) -> tuple[str, list[PassRecord]]:
    """The name of the failing pass and the records up to it, from what the stage was made of:
    the last text of the compilation, and the `metadata` at that time. Nothing, if it does not fail
    in a pass now."""
    text = next(reversed(compilation.texts.values()), None)
    before = _BEFORE.get(stage)
    passes: list[PassRecord] = []
    if before is None or not isinstance(text, str):
        return "", []
    file = os.memfd_create("before")
    try:
        with open(file, "w", closefd=False) as stream:
            stream.write(text)
        given = GivenText(Path(f"/proc/self/fd/{file}"))
        again = begin_with_text(given, before, compilation.target, compilation.given, compilation.is_gluon, said=[])
        again.metadata.update(metadata)
        with recording(again.backend, passes):
            advance(again, stage)
    except PassFailed as failure:
        return failure.name, passes
    except Exception:  # the first failure is told anyway
        pass
    finally:
        os.close(file)
    return "", []

"""Takes the textual form of a pass pipeline apart, to run it pass by pass.

Called when a pipeline failed, to name the pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from torch_mlir import ir
from torch_mlir.passmanager import PassManager


def flatten_pipeline(pipeline: str, context: ir.Context) -> Iterator[str]:
    """Pipelines of one pass each that together do the same: `builtin.module(func.func(cse))`.

    Raises ValueError when the text is no pipeline.
    """
    with context:
        # MLIR spells the passes of a named pipeline out.
        text = str(PassManager.parse(pipeline))
    yield from _flatten(text, "{}")


def pass_name(pipeline: str) -> str:
    """The pass in a pipeline of one pass, without its options."""
    inner = re.sub(r"\{.*\}", "", pipeline)
    return inner.rpartition("(")[2].rstrip(")")


def _flatten(text: str, around: str) -> Iterator[str]:
    anchor = re.fullmatch(r"([\w.]+|any)\((.*)\)", text, re.DOTALL)
    if not anchor:
        yield around.replace("{}", text)
        return
    nested = around.replace("{}", f"{anchor.group(1)}({{}})")
    for part in _split(anchor.group(2)):
        yield from _flatten(part, nested)


def _split(text: str) -> Iterator[str]:
    """Splits at the commas that stand in no parentheses or braces."""
    depth, start = 0, 0
    for index, char in enumerate(text):
        if char in "({":
            depth += 1
        elif char in ")}":
            depth -= 1
        elif char == "," and depth == 0:
            yield text[start:index]
            start = index + 1
    if text[start:]:
        yield text[start:]

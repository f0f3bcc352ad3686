"""Reads Triton's IR from a text, with the places that it says or, without any, its own lines.

Called in the processes of stages.
"""

from __future__ import annotations

import os
from typing import Any

from irlens_worker.given_text import GivenText


def parse_mlir(given: GivenText, context: Any = None) -> Any:
    """The module. Raises RuntimeError for what MLIR cannot read, and StageFailed for what is no text."""
    from triton._C.libtriton import amd, ir, nvidia

    given.read()
    if context is None:
        context = ir.context()
        ir.load_dialects(context)
        nvidia.load_dialects(context)
        amd.load_dialects(context)
    module = ir.parse_mlir_module(str(given.path), context)
    if given.name and given.name != str(given.path):
        module = parse_text(str(module).replace(f'("{given.path}":', f'("{_escaped(given.name)}":'), context)
    module.context = context
    return module


def parse_text(text: str, context: Any) -> Any:
    """The module of a text in memory: Triton reads files. Raises RuntimeError."""
    from triton._C.libtriton import ir

    file = os.memfd_create("module")
    try:
        with open(file, "w", closefd=False) as stream:
            stream.write(text)
        module = ir.parse_mlir_module(f"/proc/self/fd/{file}", context)
    finally:
        os.close(file)
    module.context = context
    return module


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', '\\"')

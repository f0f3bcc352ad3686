"""Says by its look of what format a text is, when no row does."""

from __future__ import annotations

import re

# The first that matches anywhere in the beginning.
_LOOKS = (
    ("spirv", re.compile(r"^\s*OpCapability\b", re.MULTILINE)),
    ("llvm", re.compile(r"^(?:; ModuleID|source_filename = |target \w+ = |define |declare )", re.MULTILINE)),
    ("asm", re.compile(r"^\s*\.(?:version|visible|text|section|amdgcn_target|file|globl)\b", re.MULTILINE)),
    ("mlir", re.compile(r"^\s*(?:#[\w-]+ = |\{-#|\"?builtin\.module|module\b|\"?[a-z]\w*\.\w+)", re.MULTILINE)),
)
_BEGINNING = 1 << 16


def format_of(text: str) -> str:
    """mlir, llvm, asm, spirv, or text if it is none of them."""
    begin = text[:_BEGINNING]
    return next((name for name, look in _LOOKS if look.search(begin)), "text")

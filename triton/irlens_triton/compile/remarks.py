"""What the compilers' remarks mean, for people who write kernels.

A table: a pattern, the text to show, what it means and what to do about it.
"""

from __future__ import annotations

import re

_MEANINGS: list[tuple[str, str, str]] = [
    (
        r"MMA version (\d+) acceleration not applied.*",
        r"tl.dot does not use MMA version \1 (unsupported shapes or types)",
        "Slower instructions are used for this product. wgmma (version 3, sm_90) needs 4 or 8 warps and blocks of at "
        "least 64 rows; tcgen05 (version 5, sm_100) at least 64 rows, and operands of 16 or 8 bits.",
    ),
    (
        r"(?:Warning: )?vectorization fails vec = (\d+).*",
        r"memory access is not vectorized (\1 element at once)",
        "Neighbouring elements are not known to be contiguous and aligned. Pass pointers and sizes that are multiples "
        "of 16, or say so with tl.multiple_of and tl.max_contiguous; a mask per element prevents it as well.",
    ),
    (
        r".*(?:can't|cannot|could not|failed to) (?:be )?pipelined?.*",
        r"\g<0>",
        "Loads of this loop do not overlap with its computation. The loop's bounds, an atomic, a load whose address "
        "depends on another load, or num_stages=1 prevent it.",
    ),
    (
        r".*out of resource.*shared memory.*",
        r"\g<0>",
        "Take smaller blocks or a smaller num_stages.",
    ),
]
_PATTERNS = [(re.compile(pattern, re.IGNORECASE), text, meaning) for pattern, text, meaning in _MEANINGS]


def explain_remark(text: str) -> tuple[str, str]:
    """The text for people, and its meaning if it is a known remark."""
    for pattern, shown, meaning in _PATTERNS:
        if match := pattern.fullmatch(text.strip()):
            return match.expand(shown), meaning
    return text.strip(), ""

"""Imports Triton once and compiles a tiny kernel, so that forked children are fast.

Called in the zygote. 450 ms of the first compilation are spent on what is shared.
"""

from __future__ import annotations

import sys

import triton
import triton.language as tl

from .compile.compiler import compile_all
from .kernels import Specialization, Variant
from .targets import parse_target


@triton.jit
def _add(x_ptr, y_ptr, n, BLOCK: tl.constexpr):  # type: ignore[no-untyped-def]  # noqa: N803
    offsets = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    mask = offsets < n
    x = tl.load(x_ptr + offsets, mask=mask)
    tl.store(y_ptr + offsets, x + tl.sum(x), mask=mask)


def warm_up() -> None:
    """Raises what the installed version cannot do."""
    from . import naming, stages  # noqa: F401
    from .discover import discovery  # noqa: F401
    from .pretend import interception  # noqa: F401
    from .read import sass  # noqa: F401

    if "torch" in sys.modules:
        from .pretend import pretended_cuda  # noqa: F401

    types = Specialization(
        {"x_ptr": "*fp32", "y_ptr": "*fp32", "n": "i32", "BLOCK": "constexpr"},
        {(3,): 128},
        {(0,): [["tt.divisibility", 16]]},
    )
    variant = Variant({"cuda": types, "hip": types}, {})
    for name in ("sm_90", "gfx942"):
        compile_all(_add, variant, parse_target(name))

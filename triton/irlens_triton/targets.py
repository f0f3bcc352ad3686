"""GPU targets by the names that people write: sm_90, sm_100a, gfx942.

Called by discovery (which GPU to pretend) and by the compiler.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_NVIDIA = re.compile(r"sm_?(\d{2,3})[af]?")
_AMD = re.compile(r"gfx(\d{1,2})([0-9a-f])([0-9a-f])")
# AMD: gfx10 and later run 32 threads in a wave, unless told otherwise.
_FIRST_WAVE32 = 10

DEFAULT_NAME = "sm_90"


class UnknownTarget(ValueError):
    """A name that is no GPU target."""


@dataclass(frozen=True)
class Target:
    """One GPU: `arch` is 90 for sm_90, the name itself for AMD."""

    name: str
    backend: str
    arch: int | str
    warp_size: int

    @property
    def is_nvidia(self) -> bool:
        return self.backend == "cuda"

    def to_triton(self) -> Any:
        """Triton's own form."""
        from triton.backends.compiler import GPUTarget

        return GPUTarget(self.backend, self.arch, self.warp_size)


def parse_target(name: str) -> Target:
    """The target with this name. Raises UnknownTarget."""
    if match := _NVIDIA.fullmatch(name):
        return Target(f"sm_{match[1]}", "cuda", int(match[1]), 32)
    if match := _AMD.fullmatch(name):
        return Target(name, "hip", name, 32 if int(match[1]) >= _FIRST_WAVE32 else 64)
    raise UnknownTarget(f"unknown GPU target {name!r}: expected one like sm_90 or gfx942")

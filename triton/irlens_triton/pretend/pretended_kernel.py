"""What a launch returns: a compiled kernel that is compiled only if the script looks at it.

Scripts ask it for registers, shared memory or the text of a stage, and compute grids from
the answers; so the answers are true for the pretended GPU.
"""

from __future__ import annotations

from functools import cached_property
from types import SimpleNamespace
from typing import Any

from ..kernels import Variant
from ..targets import Target


class PretendedKernel:
    """Stands in for triton.compiler.CompiledKernel."""

    def __init__(self, function: Any, variant: Variant, target: Target) -> None:
        self._function = function
        self._variant = variant
        self._target = target

    @cached_property
    def _compiled(self) -> Any:
        from ..compile.compiler import compile_all

        return compile_all(self._function, self._variant, self._target)

    @cached_property
    def _resources(self) -> Any:
        from ..resources.resources import measure

        return measure(self._compiled)

    @property
    def asm(self) -> dict[str, Any]:
        return dict(self._compiled.texts)

    @property
    def metadata(self) -> Any:
        return SimpleNamespace(**self._compiled.metadata)

    @property
    def name(self) -> str:
        return str(self._compiled.metadata["name"])

    @property
    def n_regs(self) -> int:
        return int(self._resources.registers)

    @property
    def n_spills(self) -> int:
        return int(self._resources.spill_bytes // 4)

    @property
    def n_max_threads(self) -> int:
        return 1024

    def _init_handles(self) -> None:
        pass

    def __getitem__(self, grid: Any) -> Any:
        return lambda *args, **kwargs: None

    def run(self, *args: Any, **kwargs: Any) -> None:
        pass

    def result(self) -> PretendedKernel:
        return self

"""A driver for Triton that has one GPU and never touches one.

Scripts ask it for their target, device and limits; nothing is launched through it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from ..resources.hardware import limits_of
from ..targets import Target

# What a benchmark is said to take, in milliseconds: nothing is measured.
PRETENDED_MS = 1e-3


class PretendedDriver:
    """Stands in for Triton's `driver.active`."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.utils = SimpleNamespace(get_device_properties=self._properties)
        self.launcher_cls = None

    def get_current_target(self) -> Any:
        return self.target.to_triton()

    def get_current_device(self) -> int:
        return 0

    def set_current_device(self, device: int) -> None:
        pass

    def get_current_stream(self, device: Any = 0) -> int:
        return 0

    def get_device_capability(self, device: Any = 0) -> tuple[int, int]:
        return compute_capability(self.target)

    def get_active_torch_device(self) -> Any:
        torch = sys.modules.get("torch")
        return torch.device("cuda", 0) if torch else "cuda:0"

    def get_device_interface(self) -> Any:
        torch = sys.modules.get("torch")
        return torch.cuda if torch else SimpleNamespace()

    def get_benchmarker(self) -> Callable[..., Any]:
        return pretend_benchmark

    def get_empty_cache_for_benchmark(self) -> Any:
        return None

    def clear_cache(self, cache: Any) -> None:
        pass

    def map_python_to_cpp_type(self, name: str) -> str:
        return name

    @classmethod
    def is_active(cls) -> bool:
        return True

    def _properties(self, device: Any = 0) -> dict[str, int]:
        limits = limits_of(self.target)
        return {
            "max_shared_mem": limits.shared_per_block,
            "max_num_regs": limits.registers,
            "multiprocessor_count": limits.processors,
            "warpSize": self.target.warp_size,
            "sm_clock_rate": 1_500_000,
            "mem_clock_rate": 2_500_000,
            "mem_bus_width": 5120,
        }


def compute_capability(target: Target) -> tuple[int, int]:
    """(9, 0) for sm_90 and for gfx90a, (9, 4) for gfx942."""
    if isinstance(target.arch, int):
        return divmod(target.arch, 10)
    digits = target.arch.removeprefix("gfx")
    return int(digits[:-2]), int(digits[-2], 16)


def pretend_benchmark(call: Callable[[], Any], *args: Any, **kwargs: Any) -> Any:
    """Calls it once, so that its launches are seen; the time is made up."""
    call()
    quantiles = kwargs.get("quantiles")
    if quantiles is not None:
        return [PRETENDED_MS] * len(quantiles) if len(quantiles) > 1 else PRETENDED_MS
    return [PRETENDED_MS] if kwargs.get("return_mode") == "all" else PRETENDED_MS

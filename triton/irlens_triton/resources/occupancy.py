"""How many warps fit on a multiprocessor at once, and what prevents more.

The same arithmetic as in NVIDIA's occupancy calculator; for AMD as LLVM's AMDGPUUsage has it.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..targets import Target
from .hardware import limits_of

# Scalar registers are given out in multiples of this (AMDGPUUsage).
_SCALAR_UNIT = 16


@dataclass(frozen=True)
class Occupancy:
    """Warps (waves) that run at once, of those that could."""

    warps: int
    possible: int
    limiter: str

    @property
    def percent(self) -> int:
        return round(100 * self.warps / self.possible)


def occupancy(target: Target, registers: int, shared: int, warps_per_block: int, scalars: int = 0) -> Occupancy:
    """`registers` per thread, `shared` bytes per block, `scalars` registers per wave; theoretical, for a full GPU."""
    limits = limits_of(target)
    by_resource = {
        "warps": limits.warps // warps_per_block,
        "blocks": limits.blocks,
        "registers": _blocks_by_registers(target, registers, warps_per_block),
        "scalar registers": _blocks_by_scalars(target, scalars, warps_per_block),
        "shared memory": _blocks_by_shared(target, shared),
    }
    blocks = min(by_resource.values())
    # Ties: what the kernel's author can change comes first.
    order = ("registers", "scalar registers", "shared memory", "blocks", "warps")
    limiter = next(name for name in order if by_resource[name] == blocks)
    full = blocks * warps_per_block >= limits.warps
    return Occupancy(blocks * warps_per_block, limits.warps, "" if full else limiter)


def _blocks_by_registers(target: Target, registers: int, warps_per_block: int) -> int:
    limits = limits_of(target)
    if not registers:
        return limits.blocks
    if target.is_nvidia:
        per_warp = _round_up(registers * target.warp_size, limits.register_unit)
        # Warps belong to one of four schedulers, each with a quarter of the registers.
        warps = limits.registers // 4 // per_warp * 4
        return warps // warps_per_block
    waves = limits.registers // _round_up(registers, limits.register_unit)
    return min(waves * limits.simds, limits.warps) // warps_per_block


def _blocks_by_scalars(target: Target, scalars: int, warps_per_block: int) -> int:
    limits = limits_of(target)
    if not limits.scalars or not scalars:
        return limits.warps * limits.blocks
    waves = limits.scalars // _round_up(scalars, _SCALAR_UNIT)
    return min(waves * limits.simds, limits.warps) // warps_per_block


def _blocks_by_shared(target: Target, shared: int) -> int:
    limits = limits_of(target)
    needed = _round_up(shared + limits.shared_reserved, limits.shared_unit)
    return limits.shared // needed if needed else limits.blocks


def _round_up(value: int, unit: int) -> int:
    return -(-value // unit) * unit

"""What a multiprocessor has, per GPU: the limits that occupancy depends on.

NVIDIA: CUDA C++ Programming Guide 13, table "Technical Specifications per Compute Capability".
AMD: LLVM's AMDGPUBaseInfo.cpp, IsaInfo (getTotalNumVGPRs, getVGPRAllocGranule, getMaxWavesPerEU,
getTotalNumSGPRs, getLdsDwGranularity); numbers are per compute unit, that is for RDNA for one
half of a work-group processor.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..targets import Target


@dataclass(frozen=True)
class Limits:
    """Of one multiprocessor (NVIDIA) or compute unit (AMD)."""

    warps: int
    blocks: int
    # 32-bit registers: of the multiprocessor, or per lane of a SIMD (AMD).
    registers: int
    # Registers are given out in multiples of this: per warp, or per lane (AMD).
    register_unit: int
    registers_per_thread: int
    shared: int
    shared_per_block: int
    # What each block needs of shared memory for the system itself.
    shared_reserved: int
    shared_unit: int
    # Multiprocessors of a common product: scripts size their grids by it.
    processors: int
    simds: int = 1
    # Scalar registers of a SIMD that its waves share (AMD); 0: as many as they may ask for.
    scalars: int = 0
    name: str = ""


def _nvidia(warps: int, blocks: int, shared_kb: int, processors: int, name: str, reserved_kb: int = 1) -> Limits:
    return Limits(
        warps=warps,
        blocks=blocks,
        registers=65536,
        register_unit=256,
        registers_per_thread=255,
        shared=shared_kb << 10,
        shared_per_block=(shared_kb - reserved_kb) << 10,
        shared_reserved=reserved_kb << 10,
        shared_unit=128,
        processors=processors,
        name=name,
    )


def _amd(waves: int, registers: int, unit: int, per_thread: int, shared_kb: int, processors: int, name: str) -> Limits:
    is_cdna = waves <= 10
    simds = 4 if is_cdna else 2
    return Limits(
        warps=waves * simds,
        blocks=32,
        registers=registers,
        register_unit=unit,
        registers_per_thread=per_thread,
        shared=shared_kb << 10,
        shared_per_block=shared_kb << 10,
        shared_reserved=0,
        # 320 words where a block may have 160 kB, else 128.
        shared_unit=1280 if shared_kb > 64 else 512,
        processors=processors,
        simds=simds,
        scalars=800 if is_cdna else 0,
        name=name,
    )


_KNOWN: dict[str, Limits] = {
    "sm_75": _nvidia(32, 16, 64, 40, "Tesla T4", reserved_kb=0),
    "sm_80": _nvidia(64, 32, 164, 108, "NVIDIA A100"),
    "sm_86": _nvidia(48, 16, 100, 82, "NVIDIA GeForce RTX 3090"),
    "sm_87": _nvidia(48, 16, 164, 16, "NVIDIA Orin"),
    "sm_89": _nvidia(48, 24, 100, 128, "NVIDIA GeForce RTX 4090"),
    "sm_90": _nvidia(64, 32, 228, 132, "NVIDIA H100"),
    "sm_100": _nvidia(64, 32, 228, 148, "NVIDIA B200"),
    "sm_103": _nvidia(64, 32, 228, 148, "NVIDIA B300"),
    "sm_120": _nvidia(48, 24, 100, 170, "NVIDIA GeForce RTX 5090"),
    "gfx90a": _amd(8, 512, 8, 512, 64, 110, "AMD Instinct MI250X"),
    "gfx942": _amd(8, 512, 8, 512, 64, 304, "AMD Instinct MI300X"),
    "gfx950": _amd(8, 512, 8, 512, 160, 256, "AMD Instinct MI355X"),
    "gfx1030": _amd(16, 1024, 16, 256, 64, 80, "AMD Radeon RX 6900 XT"),
    "gfx1100": _amd(16, 1536, 24, 256, 64, 96, "AMD Radeon RX 7900 XTX"),
    "gfx1151": _amd(16, 1536, 24, 256, 64, 40, "AMD Radeon 8060S"),
    "gfx1201": _amd(16, 1536, 24, 256, 64, 64, "AMD Radeon RX 9070 XT"),
}


def is_known(target: Target) -> bool:
    """False when the limits are those of a relative."""
    return target.name in _KNOWN


def limits_of(target: Target) -> Limits:
    """The limits of this GPU, or of the nearest relative that is known."""
    if target.name in _KNOWN:
        return _KNOWN[target.name]
    if isinstance(target.arch, int):
        older = [name for name in _KNOWN if name.startswith("sm_") and int(name[3:]) <= target.arch]
        return _KNOWN[older[-1] if older else "sm_75"]
    return _KNOWN["gfx1100" if target.warp_size == 32 else "gfx942"]

"""Occupancy against the values of NVIDIA's calculator and of AMD's documents."""

from __future__ import annotations

import pytest
from irlens_triton.resources.hardware import is_known, limits_of
from irlens_triton.resources.instructions import count_classes
from irlens_triton.resources.occupancy import occupancy
from irlens_triton.targets import UnknownTarget, parse_target


@pytest.mark.parametrize(
    ("target", "registers", "shared", "warps", "fitting", "limiter"),
    [
        ("sm_80", 32, 0, 4, 64, ""),
        ("sm_80", 64, 0, 8, 32, "registers"),
        ("sm_80", 255, 0, 8, 8, "registers"),
        ("sm_80", 32, 81920, 4, 8, "shared memory"),
        ("sm_80", 32, 0, 1, 32, "blocks"),
        ("sm_89", 32, 0, 4, 48, ""),
        ("sm_90", 168, 231424, 8, 8, "registers"),
        ("sm_90", 32, 232449, 8, 0, "shared memory"),
        ("gfx942", 128, 0, 4, 16, "registers"),
        ("gfx942", 64, 0, 4, 32, ""),
        ("gfx942", 64, 40000, 4, 4, "shared memory"),
        ("gfx1100", 96, 0, 4, 32, ""),
        ("gfx1100", 192, 0, 4, 16, "registers"),
    ],
)
def test_occupancy(target: str, registers: int, shared: int, warps: int, fitting: int, limiter: str) -> None:
    found = occupancy(parse_target(target), registers, shared, warps)
    assert (found.warps, found.limiter) == (fitting, limiter)


def test_scalar_registers_limit_waves_of_cdna_alone() -> None:
    """LLVM: a SIMD of gfx9 has 800 of them, given out by 16; later ones have enough for all waves."""
    assert occupancy(parse_target("gfx942"), 32, 0, 4, scalars=96).warps == 32
    found = occupancy(parse_target("gfx942"), 32, 0, 4, scalars=102)
    assert (found.warps, found.limiter) == (28, "scalar registers")
    assert occupancy(parse_target("gfx1100"), 32, 0, 4, scalars=106).warps == 32


def test_shared_memory_of_a_block() -> None:
    """CUDA's table: all 64 kB on 7.5; later the system takes 1 kB. gfx950 gives out 1280 bytes at a time."""
    kilobytes = {name: limits_of(parse_target(name)).shared_per_block / 1024 for name in ("sm_75", "sm_80", "sm_120")}
    assert kilobytes == {"sm_75": 64, "sm_80": 163, "sm_120": 99}
    assert occupancy(parse_target("sm_75"), 32, 65536, 8).warps == 8
    assert occupancy(parse_target("gfx950"), 32, 81920, 4).warps == 8
    assert occupancy(parse_target("gfx950"), 32, 32512, 4).warps == 16


def test_unknown_gpus_are_like_their_relatives() -> None:
    assert not is_known(parse_target("sm_101"))
    assert limits_of(parse_target("sm_101")) == limits_of(parse_target("sm_100"))
    assert limits_of(parse_target("gfx1250")) == limits_of(parse_target("gfx1100"))


def test_names_of_targets() -> None:
    assert parse_target("sm_90a") == parse_target("sm90")
    assert (parse_target("gfx90a").warp_size, parse_target("gfx1201").warp_size) == (64, 32)
    with pytest.raises(UnknownTarget, match="expected one like sm_90 or gfx942"):
        parse_target("h100")


def test_classes_of_sass() -> None:
    listed = [
        "@!P0 LDG.E R1, [R2]",
        "STG.E [R2], R1",
        "HGMMA.64x64 R1",
        "FADD R1, R1, R2",
        "LDS R1, [R3]",
        "EXIT",
        "STL [R1], R2",
    ]
    counts = count_classes(listed, True)
    assert counts == {"global": 2, "tensor": 1, "math": 1, "shared": 1, "control": 1, "spill": 1}


def test_classes_of_gcn() -> None:
    listed = [
        "v_mfma_f32_32x32x8_f16 a[0:15], v0", "buffer_load_dword v1", "ds_read_b32 v1, v2", "s_waitcnt vmcnt(0)",
        "v_add_f32 v1, v2", "scratch_store_dword v1", "s_endpgm",
    ]  # fmt: skip
    counts = count_classes(listed, False)
    assert counts == {"tensor": 1, "global": 1, "shared": 1, "control": 2, "math": 1, "spill": 1}

"""What texts say of themselves."""

from __future__ import annotations

import pytest
from irlens_triton.compile.text_facts import TextFacts, facts_of

TTIR = "module {\n  tt.func public @add(%x: !tt.ptr<f32>) {\n    tt.return\n  }\n}\n"
TTGIR = TTIR.replace(
    "module {",
    'module attributes {"ttg.num-ctas" = 1 : i32, "ttg.num-warps" = 8 : i32, ttg.target = "cuda:80", '
    '"ttg.threads-per-warp" = 32 : i32} {',
)
LLVM = (
    'define ptx_kernel void @add(ptr addrspace(1) %0) #0 {\n  ret void\n}\nattributes #0 = { "nvvm.reqntid"="256" }\n'
)
AMD_LLVM = (
    "define amdgpu_kernel void @add(ptr %0) #0 {\n  ret void\n}\n"
    'attributes #0 = { "amdgpu-flat-work-group-size"="1,256" "target-cpu"="gfx942" }\n'
)
PTX = ".version 8.7\n.target sm_90a\n.address_size 64\n.visible .entry add(\n)\n.reqntid 128\n{\n\tret;\n}\n"
GCN = (
    '\t.amdgcn_target "amdgcn-amd-amdhsa--gfx942"\n\t.amdhsa_kernel add\n\t.end_amdhsa_kernel\n'
    "    .group_segment_fixed_size: 512\n    .max_flat_workgroup_size: 256\n"
)
OPTIONS = {"num_ctas": 1, "num_warps": 8}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (TTIR, TextFacts("ttir", kernel="add")),
        (TTGIR, TextFacts("ttgir", "sm_80", kernel="add", options=OPTIONS)),
        (TTGIR.replace("cuda:80", "hip:gfx942"), TextFacts("ttgir", "gfx942", kernel="add", options=OPTIONS)),
        (LLVM, TextFacts("triton-llvm-ir", family="sm_", kernel="add", threads=256)),
        (AMD_LLVM, TextFacts("triton-llvm-ir", "gfx942", family="gfx", kernel="add", threads=256)),
        (PTX, TextFacts("ptx", "sm_90", family="sm_", kernel="add", threads=128)),
        (PTX.replace("90a", "80"), TextFacts("ptx", "sm_80", for_newer=True, family="sm_", kernel="add", threads=128)),
        (GCN, TextFacts("amdgcn", "gfx942", kernel="add", threads=256, shared=512)),
        ("hello\n", TextFacts()),
        ("", TextFacts()),
    ],
)  # fmt: skip
def test_facts(text: str, found: TextFacts) -> None:
    assert facts_of(text) == found


@pytest.mark.parametrize(
    ("text", "target", "refused"),
    [
        (TTIR, "sm_90", False),
        (TTIR, "gfx942", False),
        (TTGIR, "sm_80", False),
        (TTGIR, "sm_90", True),
        (LLVM, "sm_80", False),
        (LLVM, "gfx942", True),
        (AMD_LLVM, "gfx90a", True),
        (PTX, "sm_90", False),
        (PTX, "sm_100", True),
        (PTX.replace("90a", "80"), "sm_100", False),
        (PTX.replace("90a", "80"), "sm_75", True),
        (PTX.replace("90a", "80"), "gfx942", True),
    ],
)
def test_targets_that_a_text_can_be_compiled_for(text: str, target: str, refused: bool) -> None:
    assert facts_of(text).refuses(target) == refused


def test_what_stages_tell_later_ones() -> None:
    assert facts_of(PTX).metadata(32) == {"name": "add", "shared": None, "num_warps": 4}
    assert facts_of(GCN).metadata(64) == {"name": "add", "shared": 512, "num_warps": 4}

"""Layouts: which are found in a TTGIR text, how Triton's drawings are cut, and what happens
where Triton draws nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from kernel_files import EXAMPLES, Found

RunFile = Callable[..., Found]
MATMUL = next(path for path in EXAMPLES if path.stem == "matmul")

TEXT = """\
#blocked = #ttg.blocked<{sizePerThread = [1, 4], threadsPerWarp = [8, 4], warpsPerCTA = [4, 1], order = [1, 0]}>
#loc = loc("k.py":1:1)
#mma = #ttg.nvidia_mma<{versionMajor = 2, versionMinor = 0, warpsPerCTA = [2, 2], instrShape = [16, 8]}>
#shared = #ttg.swizzled_shared<{vec = 8, perPhase = 1, maxPhase = 8, order = [1, 0]}>
#smem = #ttg.shared_memory
module attributes {"ttg.num-ctas" = 1 : i32, "ttg.num-warps" = 4 : i32, "ttg.threads-per-warp" = 32 : i32} {
  tt.func public @k(%a: !ttg.memdesc<3x32x64xf16, #shared, #smem, mutable>) -> tensor<8xi32> {
    %0 = op : (tensor<48x16xf32, #blocked>) -> tensor<32x32xf32, #ttg.dot_op<{opIdx = 0, parent = #mma, kWidth = 2}>>
    %1 = op : tensor<32x!tt.ptr<f32>, #ttg.slice<{dim = 1, parent = #blocked}>> loc(#loc)
    %2 = op : tensor<48x16xi1, #blocked>, !tt.tensordesc<tensor<32x32xf16, #shared>>
    %3 = op : tensor<16x16xi1, #odd<{}>>
    tt.return
  }
}
"""


def test_uses() -> None:
    from irlens_triton.read.layouts import find_aliases, find_uses

    uses = find_uses(TEXT, find_aliases(TEXT))
    found = [(use.layout.shape, use.layout.encoding, use.layout.in_memory, use.elements, use.lines) for use in uses]
    assert found == [
        ((3, 32, 64), "#shared", True, ["f16"], [7, 4]),
        ((48, 16), "#blocked", False, ["f32", "i1"], [8, 10, 1]),
        ((32, 32), "#ttg.dot_op<{opIdx = 0, parent = #mma, kWidth = 2}>", False, ["f32"], [8, 3]),
        ((32,), "#ttg.slice<{dim = 1, parent = #blocked}>", False, ["!tt.ptr<f32>"], [9, 1]),
        ((32, 32), "#shared", True, ["f16"], [10, 4]),
        ((16, 16), "#odd<{}>", False, ["i1"], [11]),
    ]


def test_one_that_ends_the_process_costs_no_other() -> None:
    """Triton aborts on a size that is no power of two, and cannot read the last one."""
    from irlens_triton.read.layout_drawings import draw
    from irlens_triton.read.layouts import find_aliases, find_uses
    from irlens_triton.targets import parse_target
    from triton._C.libtriton import ir
    from triton.compiler.compiler import make_backend

    context = ir.context()
    ir.load_dialects(context)
    make_backend(parse_target("sm_80").to_triton()).load_dialects(context)
    drawings = draw([use.layout for use in find_uses(TEXT, find_aliases(TEXT))], TEXT, context)
    shared, blocked, dot, sliced, described, odd = drawings
    assert shared.facts[0] == "each of 3:"
    assert shared.lines[2].split()[1:3] == ["(1:8)", "(1:9)"]
    assert blocked.facts == ["Triton cannot draw this layout of this shape"] and not blocked.lines
    assert dot.facts[0] == "16 elements per thread, 32 threads per warp, 4 warps, each element in 2 threads"
    assert dot.lines[1].split()[:4] == ["0|", "T0:0|T32:0", "T0:1|T32:1", "T1:0|T33:0"]
    assert sliced.facts[:3] == [
        "1 element per thread, 32 threads per warp, 4 warps, each element in 4 threads",
        "lane 1: (0), 2: (0), 4: (1), 8: (2), 16: (4)",
        "warp 1: (8), 2: (16)",
    ]
    assert described.lines and odd.facts[0].startswith("Triton cannot draw this layout")


def test_crop() -> None:
    from irlens_triton.read.layout_drawings import crop

    cells = [[f" T{row}:{column}" for column in range(4)] for row in range(18)]
    view = "[" + "\n".join("[" + ",".join(row) + "]" for row in cells) + "]"
    drawn = crop(view, [18, 4], 2)
    assert drawn[:2] == ["  |    0     1     2     3", " 0| T0:0  T0:1  T0:2  T0:3"]
    assert drawn[16:] == ["15|T15:0 T15:1 T15:2 T15:3", "..."]
    assert crop("[[ T0:0| T1:0| T2:0, T3:0]]", [1, 2], 2) == [
        " |           0            1",
        "0|T0:0|T1:0|..         T3:0",
    ]
    wide = crop("[[" + ",".join(f"T{column}:0" for column in range(100)) + "]]", [1, 100], 2)
    assert wide[1] == "0|" + " ".join(f"{f'T{column}:0':>5}" for column in range(8)) + " ..."
    line = crop("[" + ",".join(f"T{index}:0" for index in range(32)) + "]", [32], 2)
    assert [row.split("|")[0] for row in line] == [" 0", " 8", "16", "24"]
    deep = crop("[[[a,b]\n[c,d]]\n[[e,f]\n[g,h]]]", [2, 2, 2], 2)
    assert deep == ["   |0 1", "0,0|a b", "0,1|c d", "1,0|e f", "1,1|g h"]


@pytest.mark.parametrize("target", ["sm_90", "sm_80", "gfx942"])
def test_every_layout_of_a_kernel(run_file: RunFile, target: str) -> None:
    """Each paragraph leads to the lines that have the layout; Triton draws nearly all."""

    def layouts(entries: dict[str, Any]) -> Any:
        from irlens_triton.stages import make_stage

        state: Any = entries["matmul_kernel"]
        for stage in ("ttir", "ttgir"):
            state = make_stage(stage, target, state).state
        made = make_stage("layouts", target, state)
        return made.text.splitlines(), made.links, made.summary, state.texts["ttgir"].splitlines()

    lines, table, summary, ttgir = run_file(MATMUL, layouts).result
    origins = {row[0]: row[1:] for row in table["from"]}
    heads = [number for number, line in enumerate(lines, 1) if number == 1 or not lines[number - 2]]
    assert sorted(origins) == heads and summary["gist"] == f"{len(heads)} layouts"
    assert len(heads) > 8
    for number, users in origins.items():
        shape, layout = lines[number - 1].split(" (")[0].removesuffix(" in memory").split(" ", 1)
        assert all(layout in ttgir[user - 1] or ttgir[user - 1].split(" = ")[0] in lines[number] for user in users)
        assert any(f"<{shape}x" in ttgir[user - 1] for user in users)
    assert any("#mma" in line for line in lines) and max(map(len, lines)) < 200
    assert sum("cannot draw" in line for line in lines) <= 2


def test_another_triton(run_file: RunFile, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from irlens_triton.read import layout_drawings

    assert layout_drawings.problem() == ""
    monkeypatch.delattr("triton._C.libtriton.gluon_ir.get_layout_view")
    assert "need Triton 3.9" in layout_drawings.problem()
    monkeypatch.delattr("triton._C.libtriton.gluon_ir")
    assert "need Triton 3.9" in layout_drawings.problem()

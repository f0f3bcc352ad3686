"""All stages of the example kernels, and what a stage says about its text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from kernel_files import EXAMPLES, Found, make_all
from test_kernel_discovery import ADD

RunFile = Callable[..., Found]
BEGINNINGS = {
    "ttir": "tt.func public @",
    "ttgir": "ttg.num-warps",
    "triton-llvm-ir": "define ",
    "ptx": ".visible .entry",
    "sass": "/*0000*/",
    "amdgcn": ".amdgcn_target",
    "hsaco": "s_endpgm",
}


@pytest.mark.parametrize("target", ["sm_90", "gfx942"])
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples(run_file: RunFile, path: Path, target: str) -> None:
    """Each kernel of each example, to the last stage."""

    def texts(entries: dict[str, Any]) -> dict[str, dict[str, bool]]:
        return {
            name: {stage: BEGINNINGS[stage] in made.text for stage, made in make_all(kernel, target).items()}
            for name, kernel in entries.items()
        }

    found = run_file(path, texts)
    assert found.entries and not found.errors
    for name, stages in found.result.items():
        assert len(stages) == 5 and all(stages.values()), (name, stages)


@pytest.mark.parametrize("target", ["sm_80", "sm_89", "sm_100", "sm_120", "gfx90a", "gfx950", "gfx1100", "gfx1201"])
def test_targets(run_file: RunFile, target: str) -> None:
    def texts(entries: dict[str, Any]) -> list[str]:
        return [stage for stage, made in make_all(entries["add"], target).items() if BEGINNINGS[stage] in made.text]

    found = run_file(ADD + "add[(4,)](x, x, 4096, BLOCK=1024)\n", texts)
    assert len(found.result) == 5


HELPER = ADD.replace("tl.load(x_ptr + o, mask=o < n)", "twice(tl.load(x_ptr + o, mask=o < n))").replace(
    "@triton.jit", "@triton.jit\ndef twice(v):\n    return v * 2.5\n\n@triton.jit", 1
)


def test_hsaco_links(run_file: RunFile) -> None:
    """The same for AMD's binary, from the assembly."""

    def links(entries: dict[str, Any]) -> Any:
        made = make_all(entries["add"], "gfx942")
        return made["hsaco"].text.splitlines(), made["hsaco"].links, made["amdgcn"].text.splitlines()

    lines, table, amdgcn = run_file(HELPER + "add[(4,)](x, x, 4096, BLOCK=1024)\n", links).result
    linked = dict(table["lines"])
    multiply = next(number for number, line in enumerate(lines, 1) if "_mul_f32" in line)
    _, line, column, caller = table["frames"][linked[multiply]]
    assert (line, column, table["frames"][caller][1]) == (7, 12, 12)
    assert len(linked) >= sum("/*" in line for line in lines) * 0.8
    for line, origin in table["from"]:
        assert lines[line - 1].split("*/")[1].split()[0] == amdgcn[origin - 1].split()[0]
    assert len(table["from"]) >= sum("/*" in line for line in lines) * 0.8


def test_sass_links(run_file: RunFile) -> None:
    """Each instruction has a place, with its column; an inlined helper keeps its caller."""

    def links(entries: dict[str, Any]) -> Any:
        made = make_all(entries["add"], "sm_90")
        return made["sass"].text.splitlines(), made["sass"].links, made["ptx"].text.splitlines()

    lines, table, ptx = run_file(HELPER + "add[(4,)](x, x, 4096, BLOCK=1024)\n", links).result
    linked = dict(table["lines"])
    assert len(linked) >= sum("/*" in line for line in lines) * 0.95
    multiply = next(number for number, line in enumerate(lines, 1) if "FMUL" in line)
    file, line, column, caller = table["frames"][linked[multiply]]
    assert (Path(table["files"][file]).name, line, column) == ("kernel.py", 7, 12)
    assert table["frames"][caller][1] == 12
    assert [row[0] for row in table["from"]] == [number for number, line in enumerate(lines, 1) if "/*" in line]
    origins = dict(table["from"])
    for opcode, words in (("FMUL", "mul.f32"), ("LDG", "ld.global"), ("STG", "st.global"), ("SR_TID", "%tid.x")):
        made = [number for number, line in enumerate(lines, 1) if opcode in line]
        assert made and all(words in ptx[origins[number] - 1] for number in made), opcode

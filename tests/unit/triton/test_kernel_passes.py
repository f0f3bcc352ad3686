"""Each pass of a stage: recorded only when asked for, with the same result."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from kernel_files import EXAMPLES, Found
from test_kernel_discovery import ADD

RunFile = Callable[..., Found]
LAUNCH = "add[(4,)](x, x, 4096, BLOCK=1024)\n"
RECORDED = ("ttir", "ttgir", "triton-llvm-ir")


def stage_by_stage(kernel: Any, target: str, record: bool) -> dict[str, Any]:
    from irlens_triton.stages import make_stage

    made: dict[str, Any] = {}
    state = kernel
    for stage in RECORDED:
        made[stage] = make_stage(stage, target, state, record)
        state = made[stage].state
    return made


def test_passes_of_a_small_kernel(run_file: RunFile) -> None:
    def passes(entries: dict[str, Any]) -> list[Any]:
        made = stage_by_stage(entries["add"], "sm_90", True)
        return [[(item.name, item.changed, item.ops, item.format) for item in made[stage].passes] for stage in RECORDED]

    ttir, ttgir, llvm = run_file(ADD + LAUNCH, passes).result
    assert ttir[0][:2] == ["input", True] and ttir[1][:2] == ["common.inliner", True]
    assert [name for name, *_ in ttgir[:3]] == ["input", "ttir.convert_to_ttgpuir", "ttgpuir.coalesce"]
    assert sum(changed for _, changed, *_ in ttgir) < len(ttgir) / 2
    assert [name for name, *_ in llvm[-2:]] == ["llvm.to_module", "llvm.optimize_module"]
    assert {kind for *_, kind in llvm[:-2]} == {"mlir"} and {kind for *_, kind in llvm[-2:]} == {"llvm"}
    assert all(operations > 5 for *_, operations, _ in ttir + ttgir + llvm)


def test_not_recorded_unless_asked_for(run_file: RunFile) -> None:
    def passes(entries: dict[str, Any]) -> list[int]:
        return [len(made.passes) for made in stage_by_stage(entries["add"], "sm_90", False).values()]

    assert run_file(ADD + LAUNCH, passes).result == [0, 0, 0]


@pytest.mark.parametrize("target", ["sm_80", "sm_90", "sm_100", "gfx942"])
@pytest.mark.parametrize(
    "path", [path for path in EXAMPLES if path.stem in ("matmul", "vector_add")], ids=lambda path: path.stem
)
def test_recording_changes_nothing(run_file: RunFile, path: Path, target: str) -> None:
    """And the last record is the stage itself."""

    def compare(entries: dict[str, Any]) -> dict[str, list[bool]]:
        kernel = next(iter(entries.values()))
        recorded, plain = (stage_by_stage(kernel, target, record) for record in (True, False))
        return {
            stage: [recorded[stage].text == plain[stage].text, recorded[stage].passes[-1].text == plain[stage].text]
            for stage in RECORDED
        }

    assert run_file(path, compare).result == {stage: [True, True] for stage in RECORDED}


def test_passes_before_one_that_fails(run_file: RunFile) -> None:
    def passes(entries: dict[str, Any]) -> Any:
        from irlens_triton.stages import make_stage
        from irlens_worker.provider import StageFailed
        from triton._C.libtriton import passes as bindings

        state = make_stage("ttir", "sm_90", entries["add"]).state
        # A pass that was not made for this dialect.
        compilation = state
        step = compilation.left["ttgir"]

        def broken(module: Any, metadata: Any) -> Any:
            from triton.backends.nvidia import compiler

            step(module, metadata)
            manager = compiler.ir.pass_manager(module.context)
            compiler.passes.ttir.add_convert_to_ttgpuir(manager, "cuda:90", 3, 32, 1)
            manager.run(module, "broken")
            return bindings

        compilation.left["ttgir"] = broken
        try:
            make_stage("ttgir", "sm_90", state, True)
        except StageFailed as failure:
            return [len(failure.passes), failure.diagnostics[0].pass_name]
        return []

    found = run_file(ADD + LAUNCH, passes).result
    assert found and found[0] > 10 and found[1] == "ttir.convert_to_ttgpuir"


def test_a_crash_is_explained(run_file: RunFile) -> None:
    def explain(entries: dict[str, Any]) -> Any:
        import os

        from irlens_triton.crash import explain_crash
        from irlens_triton.stages import make_stage

        state = make_stage("ttir", "sm_90", entries["add"]).state
        step = state.left["ttgir"]

        def broken(module: Any, metadata: Any) -> Any:
            step(module, metadata)
            os.write(2, b"LLVM ERROR: cannot select this\n")
            os.abort()

        state.left["ttgir"] = broken
        (found,) = explain_crash("ttgir", "sm_90", state).diagnostics
        return [found.message, found.pass_name, found.frames[0][1]]

    message, name, line = run_file(ADD + LAUNCH, explain).result
    assert message == "ttgir aborted (SIGABRT): cannot select this"
    assert name == "common.canonicalizer"
    assert line == ADD.count("\n") + 1

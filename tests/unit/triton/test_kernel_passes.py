"""Each pass of a stage: recorded only when asked for, with the same result."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from kernel_files import EXAMPLES, Found, in_child
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
            rows = [(item.name, item.failed) for item in failure.passes]
            same = failure.text == failure.passes[-1].text == failure.passes[-2].text
            return [rows, failure.diagnostics[0].pass_name, same]
        return []

    rows, name, same = run_file(ADD + LAUNCH, passes).result
    assert len(rows) > 10 and [row for row in rows if row[1]] == rows[-1:] == [["ttir.convert_to_ttgpuir", True]]
    assert name == "ttir.convert_to_ttgpuir"
    assert same, "what is left is what the pass was given"


# A function that TTIR may have and TTGIR may not.
TANH = """\
module {
  tt.func public @squash(%x: !tt.ptr<f32>) {
    %range = tt.make_range {end = 128 : i32, start = 0 : i32} : tensor<128xi32>
    %base = tt.splat %x : !tt.ptr<f32> -> tensor<128x!tt.ptr<f32>>
    %place = tt.addptr %base, %range : tensor<128x!tt.ptr<f32>>, tensor<128xi32>
    %value = tt.load %place : tensor<128x!tt.ptr<f32>>
    %result = math.tanh %value : tensor<128xf32>
    tt.store %place, %result : tensor<128x!tt.ptr<f32>>
    tt.return
  }
}
"""
# A conversion that sm_80 does not have: the pass aborts, and MLIR goes on behind it.
FP8 = TANH.replace(
    "math.tanh %value : tensor<128xf32>",
    "tt.fp_to_fp %small : tensor<128xf8E4M3FN> -> tensor<128xf32>",
).replace(
    "    %result",
    "    %small = tt.fp_to_fp %value, rounding = rtne : tensor<128xf32> -> tensor<128xf8E4M3FN>\n    %result",
)


def fail(path: Path, text: str, stages: tuple[str, ...], record: bool) -> Any:
    def work() -> Any:
        from irlens_triton.stages import make_stage
        from irlens_worker.given_text import GivenText
        from irlens_worker.provider import StageFailed

        path.write_text(text)
        state: Any = GivenText(path, "ttir", "mlir", str(path))
        try:
            for stage in stages:
                state = make_stage(stage, "sm_80", state, record).state
        except StageFailed as failure:
            (found,) = failure.diagnostics
            return [
                found.message,
                found.pass_name,
                found.frames[0][1],
                failure.text,
                failure.format,
                len(failure.passes),
            ]
        return None

    return in_child(work)


@pytest.mark.parametrize("record", [False, True])
def test_a_failing_pass_is_named_and_leaves_the_text_before_it(tmp_path: Path, record: bool) -> None:
    message, name, line, text, format, count = fail(tmp_path / "tanh.ttir", TANH, ("ttgir",), record)
    assert message.startswith("failed to legalize operation 'math.tanh'")
    assert (name, line) == ("ttir.convert_to_ttgpuir", 7)
    assert "math.tanh" in text and f'loc("{tmp_path}/tanh.ttir":7' in text
    assert (format, count) == ("mlir", 2 * record)


@pytest.mark.parametrize("record", [False, True])
def test_a_pass_that_aborts(tmp_path: Path, record: bool) -> None:
    message, name, _, text, format, count = fail(tmp_path / "fp8.ttir", FP8, ("ttgir", "triton-llvm-ir"), record)
    assert message == "Conversion from/to f8e4m3nv is only supported on compute capability >= 89"
    assert name == "ttgpuir.to_llvmir"
    assert "#blocked" in text and format == "mlir"
    assert (count > 5) == record


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


@pytest.mark.parametrize("record", [False, True])
def test_a_crash_leaves_the_passes_before_it(run_file: RunFile, record: bool) -> None:
    def explain(entries: dict[str, Any]) -> Any:
        import os

        from irlens_triton.crash import explain_crash
        from irlens_triton.stages import make_stage
        from triton.backends.nvidia import compiler

        class Broken:
            """LLVM outside of MLIR's passes: nobody catches what it does."""

            def __getattr__(self, name: str) -> Any:
                return getattr(llvm, name)

            def to_module(self, *args: Any) -> None:
                os.abort()

        state = make_stage("ttgir", "sm_90", make_stage("ttir", "sm_90", entries["add"]).state).state
        llvm, compiler.llvm = compiler.llvm, Broken()
        found = explain_crash("triton-llvm-ir", "sm_90", state, record)
        rows = [[item.name, item.failed] for item in found.passes]
        return [rows, found.diagnostics[0].message, found.diagnostics[0].pass_name, found.text, found.format]

    rows, message, name, text, format = run_file(ADD + LAUNCH, explain).result
    assert message == "triton-llvm-ir aborted (SIGABRT)" and name == "llvm.to_module"
    assert "llvm.func" in text and format == "mlir"
    if not record:
        assert rows == []
    else:
        assert len(rows) > 10 and [row for row in rows if row[1]] == rows[-1:] == [["llvm.to_module", True]]

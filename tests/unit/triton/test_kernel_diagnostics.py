"""What is wrong with a kernel, on the line and column where it is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from kernel_files import Found, make_all
from test_kernel_discovery import ADD

RunFile = Callable[..., Found]
HEAD = """\
import torch
import triton
import triton.language as tl

"""


def failure_of(entries: dict[str, Any], target: str = "sm_90") -> list[Any]:
    """The diagnostics of the first stage that cannot be made, frames with base names."""
    from irlens_worker.provider import StageFailed

    (kernel,) = entries.values()
    try:
        make_all(kernel, target)
    except StageFailed as failure:
        return [
            (item.message, [(file.rsplit("/", 1)[-1], line, column) for file, line, column in item.frames])
            for item in failure.diagnostics
        ]
    return []


def warnings_of(entries: dict[str, Any], target: str = "sm_90") -> list[Any]:
    (kernel,) = entries.values()
    return [
        (
            stage,
            item.severity,
            item.message,
            [(file.rsplit("/", 1)[-1], line, column) for file, line, column in item.frames],
        )
        for stage, made in make_all(kernel, target).items()
        for item in made.diagnostics
    ]


@pytest.mark.parametrize(
    ("body", "message", "place"),
    [
        ("    tl.store(out_ptr + missing, 1.0)\n", "NameError('missing is not defined')", (7, 24)),
        ("    o = tl.arange(0, 100)\n", "arange's range must be a power of 2", (7, 9)),
        ("    x = tl.zeros((4, 4), tl.float32) + tl.zeros((8,), tl.float32)\n", "incompatible", (7, 9)),
        ("    tl.static_assert(B > 100, 'too small')\n", "static_assert failed: too small", (7, 5)),
        ("    tl.load(out_ptr, mask=3, nothing=1)\n", "unexpected keyword argument 'nothing'", (7, 5)),
        ("    with open('x'):\n        pass\n", "open", (7, 10)),
    ],
)
def test_compilation_errors(run_file: RunFile, body: str, message: str, place: tuple[int, int]) -> None:
    text = HEAD + "@triton.jit\ndef kernel(out_ptr, B: tl.constexpr):\n" + body
    found = run_file(text + "# irlens: kernel(*fp32, 64)\n", failure_of)
    ((said, frames),) = found.result
    assert message in said
    assert frames == [["kernel.py", *place]]


def test_errors_end_where_the_code_ends(run_file: RunFile) -> None:
    text = HEAD + "@triton.jit\ndef kernel(out_ptr):\n    tl.store(out_ptr + tl.arange(0, 100), 1.0)\n"

    def end(entries: dict[str, Any]) -> Any:
        from irlens_triton.stages import make_stage
        from irlens_worker.provider import StageFailed

        try:
            make_stage("ttir", "sm_90", entries["kernel"])
        except StageFailed as failure:
            return [failure.diagnostics[0].frames[0][1:], failure.diagnostics[0].end]
        return None

    found = run_file(text + "# irlens: kernel(*fp32)\n", end).result
    assert found == [[7, 24], [7, 41]]


def test_error_in_a_helper(run_file: RunFile) -> None:
    """The innermost line first, then the call."""
    text = HEAD + (
        "@triton.jit\ndef helper(x):\n    return x + missing\n\n\n"
        "@triton.jit\ndef kernel(out_ptr):\n    tl.store(out_ptr, helper(1.0))\n"
        "# irlens: kernel(*fp32)\n"
    )
    ((message, frames),) = run_file(text, failure_of).result
    assert "missing is not defined" in message
    assert frames == [["kernel.py", 7, 16], ["kernel.py", 12, 23]]


def test_error_below_decorators_and_in_a_class(run_file: RunFile) -> None:
    text = HEAD + (
        "class Kernels:\n    @staticmethod\n    @triton.jit\n    def kernel(\n        out_ptr,\n    ):\n"
        "        x = missing\n\nKernels.kernel[(1,)](torch.ones(3, device='cuda'))\n"
    )
    ((_, frames),) = run_file(text, failure_of).result
    assert frames == [["kernel.py", 11, 13]]


def test_options_that_a_target_does_not_have(run_file: RunFile) -> None:
    launch = "add[(4,)](x, x, 4096, BLOCK=1024, num_ctas=2)\n"
    found = run_file(ADD + launch, lambda entries: failure_of(entries, "sm_80"))
    ((message, frames),) = found.result
    assert "num_ctas > 1 requires NVIDIA SM90+" in message
    assert frames == [["kernel.py", ADD.count("\n") + 1, 1]]


def test_remark_that_stores_are_not_vectorized(run_file: RunFile) -> None:
    text = HEAD + (
        "@triton.jit\ndef kernel(x_ptr, out_ptr, n, B: tl.constexpr):\n"
        "    o = tl.arange(0, B)\n"
        "    x = tl.load(x_ptr + o, mask=o < n)\n"
        "    tl.store(out_ptr + tl.program_id(0) * n + o, x, mask=o < n)\n"
        "# irlens: kernel(*fp32, *fp32, i32, 1024)\n"
    )
    said = run_file(text, warnings_of).result
    text = "memory access is not vectorized (1 element at once)"
    assert ["triton-llvm-ir", "hint", text, [["kernel.py", 9, 5]]] in said


def test_remark_that_a_product_is_slow(run_file: RunFile) -> None:
    text = HEAD + (
        "@triton.jit\ndef kernel(a_ptr, out_ptr, B: tl.constexpr):\n"
        "    o = tl.arange(0, B)[:, None] * B + tl.arange(0, B)[None, :]\n"
        "    a = tl.load(a_ptr + o)\n"
        "    tl.store(out_ptr + o, tl.dot(a, a))\n"
        "# irlens: kernel(*fp16, *fp32, 32)\n"
    )
    said = run_file(text, warnings_of).result
    assert ["ttgir", "hint", "tl.dot does not use MMA version 3 (unsupported shapes or types)"] in [
        item[:3] for item in said
    ]
    frames = next(item[3] for item in said if "MMA" in item[2])
    assert frames[0] == ["kernel.py", 9, 27]


def test_spills_are_a_warning(run_file: RunFile) -> None:
    text = HEAD + (
        "@triton.jit\ndef kernel(a_ptr, out_ptr, B: tl.constexpr):\n"
        "    o = tl.arange(0, B)[:, None] * B + tl.arange(0, B)[None, :]\n"
        "    tl.store(out_ptr + o, tl.dot(tl.load(a_ptr + o), tl.load(a_ptr + o)))\n"
        "# irlens: kernel(*fp16, *fp32, 256) num_warps=4\n"
    )

    def complaints(entries: dict[str, Any]) -> list[Any]:
        from irlens_triton.resources.resource_table import make_resources

        made = make_resources(entries["kernel"], ["sm_80"])
        return [(item.severity, item.message, item.frames[0][1]) for item in made.diagnostics]

    said = run_file(text, complaints).result
    assert any(severity == "warning" and "spill to memory" in message and line == 6 for severity, message, line in said)


@pytest.mark.parametrize("target", ["sm_90", "gfx942"])
def test_resources_go_on_from_the_assembly(run_file: RunFile, tmp_path: Path, target: str) -> None:
    """What the target's own stages have compiled is not compiled again, and says the same."""
    text = HEAD + "@triton.jit\ndef kernel(a_ptr):\n    tl.store(a_ptr, tl.load(a_ptr) * 2)\n# irlens: kernel(*fp32)\n"

    def both_ways(entries: dict[str, Any]) -> list[str | None]:
        from irlens_triton.compile import compiler
        from irlens_triton.resources import resource_table
        from irlens_triton.stages import make_stage
        from irlens_triton.targets import parse_target
        from irlens_worker.artifacts import write_stage

        kernel = state = entries["kernel"]
        afresh = resource_table.make_resources(kernel, [target]).text
        for stage in compiler.lineage(parse_target(target))[:-1]:
            result = make_stage(stage, target, state)
            write_stage(tmp_path, "kernel", stage, "text", result, 0.0)
            state = result.state
        resource_table.compile_all = None  # not to be called
        again = resource_table.make_resources(kernel, [target], tmp_path / "kernel").text
        return [afresh, again]

    afresh, again = run_file(text, both_ways).result
    assert "registers per thread" in afresh
    assert again == afresh


def test_ptxas_errors_lead_to_the_kernel() -> None:
    from irlens_triton.compile.diagnostics import failure

    ptx = '.version 8.7\n\t.file\t1 "/k.py"\n\t.loc\t1 7 3\n\tmov.b32 %r1, oops;\n'

    class PTXASError(Exception):
        pass

    line = "ptxas /tmp/x.ptx, line 4; error   : Unknown symbol 'oops'\n"
    log = f"`ptxas` failed with error code 255\n`ptxas` stderr:\n{line}"
    (found,) = failure(PTXASError(log), [], ptx)
    assert (found.message, found.frames) == ("ptxas: Unknown symbol 'oops'", [("/k.py", 7, 3)])


def test_messages_are_told_from_other_output() -> None:
    from irlens_triton.compile.capture_output import Said, read_messages

    said: list[Said] = []
    rest = read_messages(
        "hello\n/k.py:3:7: remark: slow\n\n    x = y\n        ^\n/k.py:2:1: note: called from\nLLVM ERROR: gone\n", said
    )
    assert rest == ["hello", "LLVM ERROR: gone"]
    assert [(item.severity, item.text, item.frame) for item in said] == [
        ("remark", "slow", ("/k.py", 3, 7)),
        ("error", "gone", None),  # MLIR goes on behind a pass that aborts
    ]
    assert said[0].notes[0].frame == ("/k.py", 2, 1)

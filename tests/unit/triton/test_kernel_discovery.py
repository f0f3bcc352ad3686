"""Which kernels a file has: launches of all kinds, `__explore__` and comments."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from kernel_files import Found

RunFile = Callable[..., Found]

ADD = """\
import torch
import triton
import triton.language as tl

@triton.jit
def add(x_ptr, y_ptr, n, BLOCK: tl.constexpr):
    o = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    tl.store(y_ptr + o, tl.load(x_ptr + o, mask=o < n), mask=o < n)

x = torch.rand(4096, device="cuda")
"""
AFTER = ADD.count("\n") + 1


def test_launch(run_file: RunFile) -> None:
    found = run_file(ADD + "add[(4,)](x, x, 4096, BLOCK=1024)\n")
    (entry,) = found.entries
    assert (entry["name"], entry["kind"], entry["line"], entry["class_line"]) == ("add", "kernel", AFTER, 6)
    assert entry["signature"] == "*fp32, *fp32, i32:16, BLOCK=1024"
    assert not found.diagnostics


@pytest.mark.parametrize(
    "launch",
    [
        "add[lambda meta: (triton.cdiv(4096, meta['BLOCK']),)](x, x, 4096, BLOCK=1024)",
        "add.run(x, x, 4096, BLOCK=1024, grid=(4,), warmup=False)",
        "add.warmup(x, x, 4096, BLOCK=1024, grid=(4,))",
        "add.warmup(torch.float32, torch.float32, 4096, BLOCK=1024, grid=(4,))",
        "triton.testing.do_bench(lambda: add[(4,)](x, x, 4096, BLOCK=1024))",
        "__explore__(add, x, x, 4096, BLOCK=1024)",
        "class Runner:\n    def go(self):\n        add[(4,)](x, x, 4096, BLOCK=1024)\nRunner().go()",
        "if __name__ == '__main__':\n    add[(4,)](x, x, 4096, BLOCK=1024)",
    ],
)
def test_ways_to_launch(run_file: RunFile, launch: str) -> None:
    found = run_file(ADD + launch + "\n")
    assert found.names == ["add"]
    assert found.entries[0]["signature"] == "*fp32, *fp32, i32:16, BLOCK=1024"
    assert not found.errors


def test_equal_launches_are_one_entry(run_file: RunFile) -> None:
    found = run_file(ADD + "for size in (4096, 2048):\n    add[(4,)](x, x, size, BLOCK=1024)\n")
    assert found.names == ["add"]


def test_names_say_what_differs(run_file: RunFile) -> None:
    found = run_file(
        ADD
        + "h = x.half()\n"
        + "add[(4,)](x, x, 4096, BLOCK=1024)\n"
        + "add[(4,)](h, h, 4096, BLOCK=1024)\n"
        + "add[(4,)](x, x, 4096, BLOCK=512)\n"
        + "add[(4,)](x, x, 4095, BLOCK=1024)\n"
        + "add[(4,)](x, x, 1, BLOCK=1024)\n"
        + "add[(4,)](x[1:], x[1:], 4096, BLOCK=1024)\n"
        + "add[(4,)](x, x, 4096, BLOCK=1024, num_warps=8)\n"
    )
    assert found.names == [
        "add",
        "add.fp16",
        "add.BLOCK-512",
        "add.n-unaligned",
        "add.n-1",
        "add.unaligned",
        "add.num_warps-8",
    ]


def test_too_many_launches(run_file: RunFile) -> None:
    found = run_file(ADD + "for i in range(40):\n    add[(4,)](x, x, 4096, BLOCK=1024, maxnreg=100 + i)\n")
    assert len(found.entries) == 32
    assert [message for _, message, _ in found.diagnostics] == ["only the first 32 different launches are shown"]


def test_autotune_and_heuristics(run_file: RunFile) -> None:
    text = ADD.replace(
        "@triton.jit",
        "@triton.autotune([triton.Config({}, num_warps=w) for w in (2, 4, 8)], key=['n'])\n"
        "@triton.heuristics({'BLOCK': lambda args: triton.next_power_of_2(args['n'])})\n"
        "@triton.jit",
    )

    def labels(entries: dict[str, object]) -> list[str]:
        return [variant.label for variant in entries["add"].configurations]  # type: ignore[attr-defined]

    found = run_file(text + "add[lambda meta: (meta['BLOCK'],)](x, x, 4000)\n", labels)
    # Each configuration is an entry besides, for whom wants to see it.
    assert found.names == ["add", "add.c1", "add.c2", "add.c3"]
    assert [entry["origin"] for entry in found.entries] == ["kernel"] + ["configuration"] * 3
    assert found.entries[0]["signature"] == "*fp32, *fp32, i32:16, BLOCK=4096"
    assert found.entries[3]["signature"] == "num_warps=8 num_stages=3"
    assert found.result == [f"num_warps={warps} num_stages=3" for warps in (2, 4, 8)]


def test_comment(run_file: RunFile) -> None:
    found = run_file(ADD + "# irlens: add(*fp16, *fp16:1, i32:16, BLOCK=256) target=gfx942,sm_90 num_warps=8\n")
    (entry,) = found.entries
    assert (entry["line"], entry["column"], entry["comment"]) == (AFTER, 11, True)
    assert entry["signature"] == "*fp16, *fp16:1, i32:16, BLOCK=256"
    assert found.directives == {"target": "gfx942,sm_90"}


@pytest.mark.parametrize(
    ("comment", "message"),
    [
        ("add(*fp16, i32, BLOCK=64)", "irlens comment: add needs n as well"),
        ("add(*fp16, *fp16, i32, 64, 3)", "irlens comment: add takes 4 arguments, not 5"),
        ("add(*fp16, *fp16, i32, x_ptr=i32, BLOCK=64)", "irlens comment: x_ptr is given twice"),
        (
            "add(*fp16, *fp16, wrong, BLOCK=64)",
            "irlens comment: cannot understand 'wrong': name 'wrong' is not defined",
        ),
        ("add(*fp16, *fp16, i32, BLOCK=64", "irlens comment: the call is not closed"),
        ("add(*fp16, *fp16, i32, BLOCK=64) target=sm90x", "unknown GPU target 'sm90x': expected one like sm_90"),
        ("add(*fp16, *fp16, i32, BLOCK=64) fast", "expected options such as num_warps=8 after the call, not 'fast'"),
    ],
)
def test_wrong_comments(run_file: RunFile, comment: str, message: str) -> None:
    found = run_file(ADD + f"# irlens: {comment}\n")
    assert not found.entries
    assert any(message in error for error in found.errors), found.diagnostics
    assert found.diagnostics[0][2] == [AFTER]


def test_nobody_launches_it(run_file: RunFile) -> None:
    found = run_file(ADD.replace('x = torch.rand(4096, device="cuda")\n', ""))
    assert found.suggestions == [{"line": 6, "name": "add", "text": "# irlens: add(*fp32, *fp32, i32, BLOCK=64)"}]


def test_the_suggestion_works(run_file: RunFile) -> None:
    suggestion = run_file(ADD).suggestions[0]["text"]
    assert run_file(ADD + suggestion + "\n").names == ["add"]


def test_wrong_arguments_are_the_users_error(run_file: RunFile) -> None:
    found = run_file(ADD + "add[(4,)](x, x, BLOCK=1024)\n")
    assert found.diagnostics == [("error", "TypeError: add() missing 1 required positional argument: 'n'", [AFTER])]
    found = run_file(ADD + "add[(4,)](x, x, 4096, BLOCK=1024, num_wraps=4)\n")
    assert "num_wraps was specified but unrecognised" in found.errors[0]


def test_what_a_launch_returns(run_file: RunFile) -> None:
    found = run_file(
        ADD
        + "k = add[(4,)](x, x, 4096, BLOCK=1024)\n"
        + "print(k.n_regs > 8, k.n_spills, k.metadata.num_warps, '.entry add' in k.asm['ptx'])\n"
    )
    assert found.output == "True 0 4 True\n"

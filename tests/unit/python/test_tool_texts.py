"""What tools print, what their text is, and the text that they are given."""

from __future__ import annotations

from pathlib import Path

import pytest
from irlens_worker.given_text import GivenText
from irlens_worker.provider import StageFailed
from irlens_worker.text_format import format_of
from irlens_worker.tool_messages import diagnostics_in, message_text

SAID = """\
/store/x.raw:3:5: error: 'func.call' op cannot
    %0 = func.call @f() : () -> ()
    ^
/store/x.raw:1:1: note: declared here
/store/x.raw:3:5: note: see current operation: %0 = "func.call"()
<stdin>:7:2: warning: odd
loc("/ws/model.py":9:4): remark: moved
tool: error: no such file
plain text: nothing
"""


def test_messages_with_their_places() -> None:
    found = diagnostics_in(SAID, GivenText(Path("/store/x.raw"), name="/ws/x.mlir"))
    assert [(item.severity, item.message, item.frames) for item in found] == [
        ("error", "'func.call' op cannot", [("/ws/x.mlir", 3, 5)]),
        ("warning", "odd", [("/ws/x.mlir", 7, 2)]),
        ("info", "moved", [("/ws/model.py", 9, 4)]),
        ("error", "no such file", []),
    ]
    assert found[0].notes == [("declared here", [("/ws/x.mlir", 1, 1)])]
    assert message_text(found[0]) == (
        "/ws/x.mlir:3:5: error: 'func.call' op cannot\n/ws/x.mlir:1:1: note: declared here\n"
    )


def test_places_in_a_stage_of_ours_stay() -> None:
    (found,) = diagnostics_in("/store/x.raw:3:5: error: no\n", GivenText(Path("/store/x.raw")))
    assert found.frames == [("/store/x.raw", 3, 5)]


@pytest.mark.parametrize(
    ("text", "format"),
    [
        ("#loc = loc(unknown)\nmodule {\n}\n", "mlir"),
        ("// a comment\nfunc.func @main() {\n  return\n}\n", "mlir"),
        ('"builtin.module"() ({}) : () -> ()\n', "mlir"),
        ("; ModuleID = 'x'\ndefine void @f() {\n", "llvm"),
        ("define i32 @f() {\n  ret i32 0\n}\n", "llvm"),
        ("//\n.version 8.7\n.target sm_90\n", "asm"),
        ("\t.text\n\t.globl f\nf:\n\tret\n", "asm"),
        ("               OpCapability Kernel\n", "spirv"),
        ("12 operations\n", "text"),
        ("", "text"),
    ],
)
def test_the_format_of_a_text(text: str, format: str) -> None:
    assert format_of(text) == format


@pytest.mark.parametrize(
    ("data", "message", "line"),
    [
        (b"BC\xc0\xde\x35", "x.ll is LLVM bitcode", 1),
        (b"ML\xefR\x01", "x.ll is MLIR bytecode", 1),
        (b"\x7fELF\x02", "x.ll is an ELF object", 1),
        (b"module {\0}", "x.ll is binary", 1),
        (b"module {\n}\n// \xff\n", "x.ll is no UTF-8 text: byte 0xff in line 3", 3),
    ],
)
def test_what_is_no_text(tmp_path: Path, data: bytes, message: str, line: int) -> None:
    path = tmp_path / "x.raw"
    path.write_bytes(data)
    with pytest.raises(StageFailed) as caught:
        GivenText(path, name="/ws/x.ll").read()
    (found,) = caught.value.diagnostics
    assert found.message.startswith(message) and found.frames == [("/ws/x.ll", line, 0)]


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StageFailed, match=r"x\.raw cannot be read: No such file"):
        GivenText(tmp_path / "x.raw").read()

"""The comment that asks for raw mode."""

from __future__ import annotations

import pytest
from irlens_worker.raw_output import RawMode, find_raw_mode
from irlens_worker.script import Source


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("# irlens: output=mlir\n", RawMode("mlir", 1, 18)),
        ("x = 1\nprint(x)  # irlens: target=sm_80 output=auto\n", RawMode("auto", 2, 41)),
        ("# irlens: Net()(x) output=ttir\n", RawMode("ttir", 1, 27)),
        ("# irlens: f(x, output=3)\n", None),
        ("'# irlens: output=mlir'\n", None),
        ("# output=mlir\n", None),
    ],
)
def test_found(text: str, found: RawMode | None) -> None:
    assert find_raw_mode(Source("/ws/m.py", text.encode())) == (found, [])


def test_an_unknown_level() -> None:
    mode, (problem,) = find_raw_mode(Source("/ws/m.py", b"# irlens: output=mlri\n"))
    assert mode is None and problem.frames == [("/ws/m.py", 1, 18)]
    assert problem.message.endswith("output=mlri: expected one of auto, mlir, llvm, ttir; did you mean mlir?")

"""Stages of tools that run in the worker's own process."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from irlens_worker.given_text import GivenText
from irlens_worker.protocol import Json, Row
from irlens_worker.tool_process import ToolOutput
from irlens_worker.tool_stage import Tool

ROW = Row("mine", "before", "", ({"tool": "some-opt", "args": ["--x"]},))
GIVEN = GivenText(Path("/store/before.raw"), "before", "mlir", "/ws/x.mlir")


def test_what_it_gives() -> None:
    def run(step: Json, given: GivenText) -> ToolOutput:
        return ToolOutput(f"module {{}} // {step['args'][0]}\n", "/store/before.raw:2:3: remark: seen\n")

    made = Tool("some-opt", "SOME_OPT_PATH", run).make(ROW, GIVEN)
    assert (made.text, made.format) == ("module {} // --x\n", "mlir")
    (found,) = made.diagnostics
    assert (found.severity, found.message, found.frames) == ("info", "seen", [("/ws/x.mlir", 2, 3)])


def test_what_it_says_before_it_crashes() -> None:
    def crash(step: Json, given: GivenText) -> ToolOutput:
        os.write(2, b"LLVM ERROR: cannot select\n")
        os.abort()

    failure = Tool("some-opt", "SOME_OPT_PATH", crash).explain(ROW, GIVEN)
    assert failure is not None and failure.status == ""
    assert failure.diagnostics[0].message == "some-opt aborted (SIGABRT): LLVM ERROR: cannot select"


def test_one_that_does_not_crash_again() -> None:
    assert Tool("some-opt", "SOME_OPT_PATH", lambda step, given: ToolOutput("", "")).explain(ROW, GIVEN) is None


def test_the_users_binary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tool = Tool("some-opt", "SOME_OPT_PATH", lambda step, given: ToolOutput("", ""))
    monkeypatch.setenv("SOME_OPT_PATH", str(tmp_path))
    assert not tool.has_binary(ROW)
    (tmp_path / "some-opt").write_text("#!/bin/sh\n")
    (tmp_path / "some-opt").chmod(0o755)
    assert tool.has_binary(ROW)
    monkeypatch.setenv("SOME_OPT_PATH", str(tmp_path / "some-opt"))
    assert tool.has_binary(ROW)

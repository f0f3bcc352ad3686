"""RUN lines in the real server with the real worker: the files that lit has judged
(tests/run_lines/cases) end as lit says, each failing check on its line. All of them in
one session; what nobody trusts is not run, and nothing ever goes through a shell."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from client import Client
from real_session import real_session
from servers import ROOT

sys.path.append(str(ROOT / "tests" / "run_lines"))

from expectations import CASES, expected

ERROR = 1  # LSP's severity


def llvm_tools() -> Path:
    config = shutil.which("llvm-config-22")
    if not config:
        pytest.skip("needs LLVM's tools of version 22")
    return Path(subprocess.check_output([config, "--bindir"], text=True).strip())


def errors_of(client: Client, path: Path) -> list[dict[str, Any]]:
    published = client.all("textDocument/publishDiagnostics")
    mine = [p["diagnostics"] for p in published if p["uri"] == path.as_uri()]
    return [d for d in mine[-1] if d["severity"] == ERROR] if mine else []


def runs_of(client: Client, path: Path) -> dict[str, str]:
    """The status of each run's stage."""
    return {name: row["status"] for name, row in client.stages(path).items() if re.fullmatch(r"run-[\d-]+", name)}


SHELL = """\
// RUN: mlir-opt %s ; rm {victim}
// RUN: mlir-opt $(rm {victim}) %s
// RUN: mlir-opt `rm {victim}` %s
// RUN: mlir-opt %s -o {victim}
// RUN: sh -c 'rm {victim}'
// RUN: mlir-opt %s | tee {victim}
func.func private @there()
"""
CHECKED_ELSEWHERE = """\
// RUN: mlir-opt %s | FileCheck %S/checks
func.func private @there()
"""
UNTRUSTED = """\
// RUN: mlir-opt %s | FileCheck %s
// CHECK: nowhere
func.func private @there()
"""


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, Path]]:
    """All cases, opened in a folder that is trusted and names two tools of its own; two
    files beside that folder, one of them trusted."""
    tools = {name: str(llvm_tools() / name) for name in ("llvm-as", "llvm-dis")}
    with real_session(tmp_path_factory.mktemp("run-lines"), "irlens", "irlens-mlir") as (client, workspace):
        cases, shell, other, inputs = (workspace / name for name in ("cases", "shell", "other", "inputs"))
        for folder in (cases, shell, other, inputs):
            folder.mkdir()
        (cases / ".irlens.json").write_text(json.dumps({"tools": tools}))
        for case in CASES:
            (cases / case.name).write_bytes(case.read_bytes())
        (shell / "victim").write_text("here")
        (shell / "shell.mlir").write_text(SHELL.format(victim=shell / "victim"))
        (other / "test.mlir").write_text(UNTRUSTED)
        client.initialize("vscode", workspace, trustedFolders=[str(cases), str(shell), str(inputs)])
        for path in (shell / "shell.mlir", other / "test.mlir", *(cases / case.name for case in CASES)):
            client.open(path)
            client.sync()  # one by one: waiting for all of them at once would be long
        yield client, workspace


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_ends_as_lit_says(session: tuple[Client, Path], case: Path) -> None:
    client, workspace = session
    path = workspace / "cases" / case.name
    outcome = expected(case, "irlens rows")
    if outcome == "unsupported":  # what is REQUIRED is shown, not obeyed
        return
    errors, runs = errors_of(client, path), runs_of(client, path)
    lines = [error["range"]["start"]["line"] + 1 for error in errors]
    if outcome == "pass":
        assert set(runs.values()) == {"ok"}, (runs, errors)
        assert errors == []
        return
    if outcome.startswith(("not understood", "not run")):
        assert int(re.findall(r"line (\d+)", outcome)[0]) in lines, errors
        return
    assert "failed" in runs.values(), (runs, errors)
    if where := re.match(r"fail line (\d+)", outcome):
        assert int(where[1]) in lines, (errors, runs)
    else:  # on no line that lit knows
        assert [error for error in errors if error.get("code", "").startswith("run-")], (errors, runs)


def test_a_failing_check_says_what_it_looked_at(session: tuple[Client, Path]) -> None:
    client, workspace = session
    path = workspace / "cases" / "opt_fails.ll"
    (error,) = [e for e in errors_of(client, path) if e["code"].startswith("run-1")]
    line = path.read_text().splitlines()[error["range"]["start"]["line"]]
    assert line[error["range"]["start"]["character"] :].startswith("alloca i32")
    assert "expected string not found" in error["message"]
    (note,) = [n for n in error["relatedInformation"] if "scanning from here" in n["message"]]
    # The text is there although the check has failed, and the note stands in it.
    document = Path(note["location"]["uri"].removeprefix("file://"))
    assert "define i32 @slot" in document.read_text().splitlines()[note["location"]["range"]["start"]["line"]]


def test_each_tool_has_a_document(session: tuple[Client, Path]) -> None:
    client, workspace = session
    uri = client.stages(workspace / "cases" / "pipeline_of_tools.mlir")["run-1"]["uri"]
    assert "define i32 @identity" in client.content(uri)
    steps = {"00-mlir-opt.mlir": "llvm.func @identity", "01-mlir-translate.ll": "define i32 @identity"}
    for step, text in steps.items():
        client.content(of_step := uri.replace("run-1.ll", f"run-1.steps.{step}"))
        client.sync()
        assert text in client.content(of_step)


def test_each_run_line_has_its_lens(session: tuple[Client, Path]) -> None:
    client, workspace = session
    lenses = client.lenses(workspace / "cases" / "two_prefixes.mlir")
    titles = {x["command"]["title"].split()[0]: x["range"]["start"]["line"] for x in lenses}
    assert titles["run-1"] == 1 and titles["run-2"] == 2  # from 0


def test_nothing_is_written_beside_the_file(session: tuple[Client, Path]) -> None:
    _, workspace = session
    assert {path.name for path in (workspace / "cases").iterdir()} == {".irlens.json", *(case.name for case in CASES)}


def test_no_shell(session: tuple[Client, Path]) -> None:
    client, workspace = session
    path = workspace / "shell" / "shell.mlir"
    assert (workspace / "shell" / "victim").read_text() == "here"
    told = {e["range"]["start"]["line"] + 1: e["message"] for e in errors_of(client, path)}
    assert set(told) == {1, 2, 3, 4, 5, 6}
    assert "name sh in .irlens.json under tools" in told[5]
    assert "name tee in .irlens.json under tools" in told[6]


def test_a_folder_that_nobody_trusts(session: tuple[Client, Path]) -> None:
    client, workspace = session
    path = workspace / "other" / "test.mlir"
    assert errors_of(client, path) == []
    row = client.stages(path)["run-1"]
    assert row["status"] == "unavailable"
    assert "nobody has trusted that folder" in client.content(row["uri"])


def test_a_file_that_a_run_line_reads_is_watched(session: tuple[Client, Path]) -> None:
    client, workspace = session
    path, checks = workspace / "inputs" / "test.mlir", workspace / "inputs" / "checks"
    path.write_text(CHECKED_ELSEWHERE)
    checks.write_text("CHECK: @nowhere\n")
    client.open(path)
    client.sync()
    assert runs_of(client, path) == {"run-1": "failed"}
    (error,) = errors_of(client, checks)
    assert "expected string not found" in error["message"]
    mark = client.mark()
    checks.write_text("CHECK: @there\n")
    told = {"uri": checks.as_uri(), "diagnostics": []}
    client.wait(lambda message: message.get("params") == told, mark)
    client.sync()
    assert runs_of(client, path) == {"run-1": "ok"}

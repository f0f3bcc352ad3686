"""RUN lines mean what lit says they mean.

Each file of cases/ notes in an EXPECT comment how it ends. lit itself, run over
the same files, must end so; and so must run_lines_driver, which does what the
engine's reader of RUN lines understood: once command by command, once by the
rows that the stage table gets. Behind a semicolon stands where irlens differs
on purpose (it runs no tool that it does not know).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from expectations import CASES, expected

HERE = Path(__file__).resolve().parent
PROGRAMS = Path(os.environ.get("IRLENS_BIN_DIR", HERE.parent.parent / "build" / "bin"))

# What lit calls what EXPECT says.
CODES = {
    "pass": "PASS",
    "fail": "FAIL",
    "unresolved": "UNRESOLVED",
    "unsupported": "UNSUPPORTED",
    "expected failure": "XFAIL",
}


def llvm_tools() -> str:
    config = shutil.which("llvm-config-22")
    if not config:
        pytest.skip("needs LLVM's tools of version 22")
    return subprocess.check_output([config, "--bindir"], text=True).strip()


@pytest.fixture(scope="module")
def lit_results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """lit's own results of all cases, by file name."""
    folder = tmp_path_factory.mktemp("lit")
    report = folder / "report.json"
    environment = {**os.environ, "IRLENS_LIT_OUTPUT": str(folder / "out"), "IRLENS_LLVM_TOOLS": llvm_tools()}
    environment.pop("FILECHECK_OPTS", None)
    lit = Path(sys.executable).with_name("lit")
    command = [str(lit), "-q", "-o", str(report), "--config-prefix=lit", str(HERE)]
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert report.exists(), finished.stdout + finished.stderr
    return {test["name"].split(" :: ")[-1]: test for test in json.loads(report.read_text())["tests"]}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_lit(case: Path, lit_results: dict[str, dict[str, str]]) -> None:
    result, outcome = lit_results[case.name], expected(case, "lit")
    word = "fail" if outcome.startswith("fail ") else outcome
    assert result["code"] == CODES[word], result["output"]
    if word != "fail":
        return
    run_line = re.search(r"fail run (\d+)", outcome)
    if run_line:
        assert re.findall(r"RUN: at line (\d+)", result["output"])[-1] == run_line[1]
        return
    part = re.search(r"part (\S+) line (\d+)", outcome)
    line = re.search(r"fail line (\d+)", outcome)
    assert line
    name, number = (part[1], part[2]) if part else (case.name, line[1])
    first = re.search(rf"{re.escape(name)}:(\d+):\d+: error: ", result["output"])
    assert first and first[1] == number, result["output"]


@pytest.mark.parametrize("how", ["commands", "rows"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_irlens(case: Path, how: str, tmp_path: Path) -> None:
    driver = PROGRAMS / "run_lines_driver"
    temporary = tmp_path / f"{case.name}.tmp"
    command = [str(driver), how, str(case), str(temporary), llvm_tools()]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.stdout.strip() == expected(case, "irlens" if how == "commands" else "irlens rows"), result.stderr


def test_there_are_many_of_each_kind() -> None:
    outcomes = [expected(case, "lit").split(" ")[0] for case in CASES]
    assert len(CASES) >= 40
    assert outcomes.count("pass") >= 20 and outcomes.count("fail") >= 20

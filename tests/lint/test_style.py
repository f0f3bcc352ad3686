"""Formatters, type checkers and linters, each on all files that it is for."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest
from tree import CPP, ROOT, having

MYPY = ("-m", "mypy", "--config-file", "tests/lint/mypy.ini")
EXTENSION = "editors/vscode"


def check(*command: str, folder: str = ".") -> None:
    done = subprocess.run(command, cwd=ROOT / folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command[:4])}:\n{done.stdout}{done.stderr}"


def node_tool(name: str) -> str:
    """The tool among the extension's own packages; a skip if they are not installed."""
    tool = ROOT / EXTENSION / "node_modules" / ".bin" / name
    if not tool.exists():
        pytest.skip(f"{EXTENSION} has no {name}: make setup-test")
    return str(tool)


def test_clang_format() -> None:
    if not shutil.which("clang-format-22"):
        pytest.skip("needs clang-format-22")
    check("clang-format-22", "--dry-run", "--Werror", *having(CPP))


def test_ruff() -> None:
    check(sys.executable, "-m", "ruff", "check", "--no-cache", ".")


def test_types_of_the_worker() -> None:
    check(sys.executable, *MYPY, "engine/worker/irlens_worker")


def test_types_of_the_capture() -> None:
    check(sys.executable, *MYPY, "ir_lowering/torch/irlens_torch")


def test_types_of_the_kernels() -> None:
    check(sys.executable, *MYPY, "triton/irlens_triton")


def test_types_of_the_test_runner() -> None:
    check(sys.executable, *MYPY, "tests/run.py", "tests/lint", "tests/run_lines")


def test_types_of_the_extension() -> None:
    check(node_tool("tsc"), "--noEmit", folder=EXTENSION)


def test_eslint() -> None:
    check(node_tool("eslint"), "src", folder=EXTENSION)

"""clang-tidy with the checks of .clang-tidy on each C++ file.

One file takes 3-10 s, so a verdict is remembered in the build folder under the
hash of everything it depends on: the preprocessed text, the checks, the version.
irlens-mlir's files include so much of MLIR that each takes about a minute; they
are checked only with IRLENS_TIDY_ALL=1.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tree import BUILD, CPP, ROOT, flags, having, text

FOLDERS = ["engine", "lsp", "tools"]
SLOW_FOLDERS = ["ir_lowering"]


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def verdict_file(name: str, options: list[str]) -> Path:
    preprocessed = run("clang++-22", "-E", "-P", *options, name).stdout
    version = run("clang-tidy-22", "--version").stdout
    # -E drops comments, NOLINT among them: the file itself counts too.
    parts = [preprocessed, text(name), text(".clang-tidy"), version]
    return BUILD / "tidy" / hashlib.sha256("\0".join(parts).encode()).hexdigest()


def sources() -> list[str]:
    folders = FOLDERS + (SLOW_FOLDERS if os.environ.get("IRLENS_TIDY_ALL") else [])
    return [name for name in having(CPP, *folders) if name.endswith(".cpp")]


@pytest.mark.parametrize("name", sources())
def test_clang_tidy(name: str) -> None:
    if not shutil.which("clang-tidy-22"):
        pytest.skip("needs clang-tidy-22")
    options = flags().get(str(ROOT / name))
    if options is None:
        pytest.skip(f"{BUILD.name} does not compile {name}")
    verdict = verdict_file(name, options)
    if verdict.exists():
        return
    done = run("clang-tidy-22", "--quiet", name, "--", *options)
    assert done.returncode == 0, done.stdout or done.stderr
    verdict.parent.mkdir(exist_ok=True)
    verdict.touch()

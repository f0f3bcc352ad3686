"""A workspace with a model, opened in Neovim or Vim."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from drivers import KINDS, PLUGIN, ROOT, Editor

MODEL = """\
import torch
from torch import nn

HIDDEN = 32


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.up = nn.Linear(16, HIDDEN)
        self.down = nn.Linear(HIDDEN, 4)

    def forward(self, x):
        y = torch.relu(self.up(x))
        return self.down(y)


__explore__(Net(), torch.randn(2, 16))
"""

OWN_STEPS = """\
// irlens: mine = ir | mlir-opt --canonicalize | mlir-opt --convert-arith-to-llvm
func.func @forty_two() -> i32 {
  %c20 = arith.constant 20 : i32
  %c22 = arith.constant 22 : i32
  %sum = arith.addi %c20, %c22 : i32
  return %sum : i32
}
"""

VIMRC = """\
set nocompatible nomore shortmess+=I updatetime=200
set runtimepath^={plugin}
let g:irlens_command = '{irlens}'
let g:irlens_settings = {{'python': '{python}', 'trustedFolders': ['{workspace}']}}
filetype plugin on
syntax on
"""


@pytest.fixture(scope="session")
def saved_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A .pt2 file."""
    path = tmp_path_factory.mktemp("saved") / "saved.pt2"
    python = os.environ.get("IRLENS_PYTHON") or sys.executable
    subprocess.run([python, ROOT / "tests/editors/save_program.py", path], check=True)
    return path


BINARIES = Path(os.environ.get("IRLENS_BIN_DIR", ROOT / "build" / "bin"))


@contextlib.contextmanager
def opened(name: str, folder: Path, server: Path = BINARIES / "irlens") -> Iterator[Editor]:
    """An editor of this kind that shows the model; its files are in `folder`."""
    kind = KINDS[name]
    if kind.program is None:
        pytest.skip(f"{name} is not installed")
    workspace = folder / "a wörkspace"  # URIs are not paths
    workspace.mkdir()
    (workspace / "model.py").write_text(MODEL)
    shutil.copy(ROOT / "tests/editors/copy.ttir", workspace)
    (workspace / "own.mlir").write_text(OWN_STEPS)
    (folder / "vimrc").write_text(VIMRC.format(
        plugin=PLUGIN, irlens=server, python=os.environ.get("IRLENS_PYTHON", ""), workspace=workspace))  # fmt: skip
    env = {"XDG_CACHE_HOME": str(folder / "cache"), "XDG_STATE_HOME": str(folder / "state")}
    running = kind.driver(kind.program, folder, workspace, env)
    try:
        running.command("edit model.py")
        yield running
    finally:
        running.close()


@pytest.fixture(params=sorted(KINDS), scope="module")
def editor(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    with opened(request.param, tmp_path_factory.mktemp(request.param)) as running:
        yield running


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What the user would see when a test fails is part of its report."""
    report = yield
    editor = getattr(item, "funcargs", {}).get("editor")
    if report.failed and isinstance(editor, Editor):
        report.sections.append(("screen", editor.screen()))
    return report

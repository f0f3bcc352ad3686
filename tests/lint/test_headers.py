"""Each header compiles alone, with every compiler that is here.

Whoever includes one must not have to know what to include before it, and a
precompiled header or another standard library hides what is missing.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import PurePosixPath

import pytest
from tree import BUILD, ROOT, flags, having

COMPILERS = [compiler for compiler in ("g++", "clang++-22") if shutil.which(compiler)]
# Texts that tests compile themselves.
INPUTS = "tests/lowering/"


def flags_for(header: str) -> list[str] | None:
    """Those of a source nearby: in the header's folder, else in the nearest one above, else below."""
    known = {name.removeprefix(f"{ROOT}/"): found for name, found in flags().items()}
    for folder in PurePosixPath(header).parents:
        near = [name for name in known if PurePosixPath(name).parent == folder]
        near = near or [name for name in known if folder in PurePosixPath(name).parents and folder.name]
        if near:
            return known[min(near)]
    return None


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("header", [name for name in having((".h",)) if not name.startswith(INPUTS)])
def test_header_compiles_alone(header: str, compiler: str) -> None:
    options = flags_for(header)
    if options is None:
        pytest.skip(f"{BUILD.name} compiles nothing beside {header}")
    command = [compiler, "-fsyntax-only", "-x", "c++", *options, "-Wall", "-Wextra", "-Werror", "-"]
    source = f'#include "{header}"\n'
    done = subprocess.run(command, cwd=ROOT, input=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

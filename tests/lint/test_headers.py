"""Each header compiles alone, with every compiler that is here.

Whoever includes one must not have to know what to include before it, and a
precompiled header or another standard library hides what is missing.
"""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
from pathlib import PurePosixPath

import pytest
from tree import BUILD, ROOT, flags, having, text

# A header that its own source includes first is read alone by clang-tidy there.
TIDY = ("engine/", "lsp/", "tools/")
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


def foreign_includes(header: str, seen: set[str] | None = None) -> list[str]:
    """What the header, and ours that it includes, include from elsewhere; in order."""
    seen = set() if seen is None else seen
    found: list[str] = []
    for kind, name in re.findall(r'^#include ([<"])(.+)[>"]', text(header), re.MULTILINE):
        if kind == "<":
            found.append(name)
        elif name not in seen:
            seen.add(name)
            found += foreign_includes(name, seen)
    return list(dict.fromkeys(found))


def is_read_by_clang_tidy(header: str) -> bool:
    source = header.removesuffix(".h") + ".cpp"
    if not header.startswith(TIDY) or not (ROOT / source).exists():
        return False
    first = re.search(r"^#include (.+)$", text(source), re.MULTILINE)
    return first is not None and first[1] == f'"{header}"'


@functools.cache
def compile_text(compiler: str, options: tuple[str, ...], source: str) -> str:
    """What the compiler complains of."""
    command = [compiler, "-fsyntax-only", "-x", "c++", *options, "-Wall", "-Wextra", "-Werror", "-"]
    done = subprocess.run(command, cwd=ROOT, input=source, capture_output=True, text=True, check=False)
    return done.stderr if done.returncode else ""


CASES = [
    (header, compiler)
    for header in having((".h",))
    for compiler in COMPILERS
    if not header.startswith(INPUTS) and not (compiler.startswith("clang") and is_read_by_clang_tidy(header))
]


@pytest.mark.parametrize(("header", "compiler"), CASES)
def test_header_compiles_alone(header: str, compiler: str) -> None:
    flags = flags_for(header)
    if flags is None:
        pytest.skip(f"{BUILD.name} compiles nothing beside {header}")
    options = tuple(flags)
    complaints = compile_text(compiler, options, f'#include "{header}"\n')
    if complaints:
        # clang 22 with libstdc++ 12 does not read mlir/IR/Attributes.h in C++23, for one.
        foreign = sorted(foreign_includes(header), key=lambda name: not name.startswith("mlir/"))
        for name in foreign:
            if compile_text(compiler, options, f"#include <{name}>\n"):
                pytest.skip(f"{compiler} does not read {name} alone, which {header} needs")
    assert not complaints

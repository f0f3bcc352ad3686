"""The files of the repository that the lint tests look at.

Asks git, so that nothing built or ignored is checked and new files are checked
before they are added.
"""

from __future__ import annotations

import functools
import json
import os
import shlex
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# The build folder of the run; it holds the compile commands.
BUILD = Path(os.environ.get("IRLENS_BIN_DIR", ROOT / "build" / "bin")).parent

CPP = (".h", ".cpp")
PYTHON = (".py",)
# What people wrote and read as code; JSON, lock files and expected texts are not.
SOURCES = (*CPP, *PYTHON, ".ts", ".mjs", ".js", ".lua", ".vim", ".sh", ".cmake")


@functools.cache
def files() -> tuple[str, ...]:
    """Paths relative to the root of all files that are, or would be, committed."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    return tuple(sorted({name for name in listing.split("\0") if name and (ROOT / name).is_file()}))


def having(suffixes: tuple[str, ...], *folders: str) -> list[str]:
    """The files with one of the suffixes, below one of the folders if any is given."""
    return [
        name
        for name in files()
        if name.endswith(suffixes) and (not folders or name.startswith(tuple(f"{f}/" for f in folders)))
    ]


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8", errors="replace")


# What of a compile command says how a file is read.
FLAGS = ("-I", "-isystem", "-D", "-std=")


@functools.cache
def flags() -> dict[str, list[str]]:
    """Include paths, definitions and standard of each file that CMake compiles."""
    database = BUILD / "compile_commands.json"
    if not database.exists():
        return {}
    result = {}
    for entry in json.loads(database.read_text()):
        words = shlex.split(entry["command"])
        kept = []
        for word, following in zip(words, [*words[1:], ""], strict=True):
            if word == "-isystem":
                kept += [word, following]
            elif word.startswith(FLAGS):
                kept.append(word)
        result[str(Path(entry["file"]).resolve())] = kept
    return result

"""Which place each instruction of an AMDGCN text comes from, with the calls that were inlined.

The disassembled binary has lines only; its instructions are those of the text in the same
order, so they take their places from there. LLVM tells calls in the comment of a `.loc`:

    .loc 1 314 12  ; standard.py:314:12 @[ k.py:12:9 ]
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field

from irlens_worker.protocol import Frame

_FILE = re.compile(r'\s*\.file\s+(\d+)\s+"([^"]*)"(?:\s+"([^"]*)")?')
_LOC = re.compile(r"\s*\.loc\s+(\d+)\s+(\d+)\s+(\d+)([^;]*;\s*(.*))?")
_PLACE = re.compile(r"([^\s\[\]@][^\[\]@]*?):(\d+):(\d+)")
_INSTRUCTION = re.compile(r"\t([a-z]\w*)")
# The assembler may have put something between two instructions, but not more than this.
_FURTHEST = 4


@dataclass(frozen=True)
class Instruction:
    """One of the text: its line, counted from 1, and its place, the innermost frame first."""

    opcode: str
    line: int
    chain: list[Frame] = field(default_factory=list)


def instructions(text: str) -> list[Instruction]:
    """Those of the kernel, in order."""
    files: dict[int, str] = {}
    found: list[Instruction] = []
    chain: list[Frame] = []
    for number, line in enumerate(text.splitlines(), 1):
        if match := _FILE.match(line):
            files[int(match[1])] = os.path.join(match[2], match[3]) if match[3] else match[2]
        elif match := _LOC.match(line):
            chain = _chain(match, files)
        elif match := _INSTRUCTION.match(line):
            found.append(Instruction(match[1], number, chain))
        elif line.startswith(".Lfunc_end"):
            break
    return found


def align(opcodes: list[str], known: list[Instruction]) -> list[Instruction | None]:
    """What each of the binary's instructions is in the text; None for what only the binary has."""
    found: list[Instruction | None] = []
    at = 0
    for opcode in opcodes:
        ahead = range(at, min(at + _FURTHEST, len(known)))
        match = next((index for index in ahead if known[index].opcode == opcode), None)
        found.append(None if match is None else known[match])
        at = at if match is None else match + 1
    return found


def _chain(match: re.Match[str], files: dict[int, str]) -> list[Frame]:
    file, line, column = files.get(int(match[1]), ""), int(match[2]), int(match[3])
    if not line or not file:
        return []
    callers = _PLACE.findall(match[5] or "")[1:]
    return [(file, line, column), *((_full(name, files), int(row), int(col)) for name, row, col in callers)]


def _full(spelled: str, files: dict[int, str]) -> str:
    """Comments spell a file without its directory."""
    name = spelled.strip()
    return next((path for path in files.values() if path == name or path.endswith("/" + name)), name)

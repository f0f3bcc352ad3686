"""Which place each instruction of an AMDGCN text comes from, with the calls that were inlined.

The disassembled binary has lines only; its instructions are those of the text in the same
order, so they take their places from there. LLVM tells calls in the comment of a `.loc`:

    .loc 1 314 12  ; standard.py:314:12 @[ k.py:12:9 ]
"""

from __future__ import annotations

import os
import re

from irlens_worker.protocol import Frame

_FILE = re.compile(r'\s*\.file\s+(\d+)\s+"([^"]*)"(?:\s+"([^"]*)")?')
_LOC = re.compile(r"\s*\.loc\s+(\d+)\s+(\d+)\s+(\d+)([^;]*;\s*(.*))?")
_PLACE = re.compile(r"([^\s\[\]@][^\[\]@]*?):(\d+):(\d+)")
_INSTRUCTION = re.compile(r"\t([a-z]\w*)")
# The assembler may have put something between two instructions, but not more than this.
_FURTHEST = 4


def instruction_chains(text: str) -> list[tuple[str, list[Frame]]]:
    """Each instruction's opcode and place, the innermost frame first."""
    files: dict[int, str] = {}
    found: list[tuple[str, list[Frame]]] = []
    chain: list[Frame] = []
    for line in text.splitlines():
        if match := _FILE.match(line):
            files[int(match[1])] = os.path.join(match[2], match[3]) if match[3] else match[2]
        elif match := _LOC.match(line):
            chain = _chain(match, files)
        elif match := _INSTRUCTION.match(line):
            found.append((match[1], chain))
        elif line.startswith(".Lfunc_end"):
            break
    return found


def align(opcodes: list[str], known: list[tuple[str, list[Frame]]]) -> list[list[Frame]]:
    """The place of each of the binary's instructions; what only the binary has gets none."""
    chains: list[list[Frame]] = []
    at = 0
    for opcode in opcodes:
        ahead = range(at, min(at + _FURTHEST, len(known)))
        match = next((index for index in ahead if known[index][0] == opcode), None)
        chains.append([] if match is None else known[match][1])
        at = at if match is None else match + 1
    return chains


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

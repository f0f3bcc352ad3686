"""hsaco: AMD's binary, disassembled by llvm-objdump; nobody wants to read an ELF file.

llvm-objdump is no part of Triton's wheel: it comes with LLVM 18 or later.
"""

from __future__ import annotations

import glob
import os
import re
import shutil

from irlens_worker.protocol import Frame

from .amdgcn_locations import align, instructions
from .disassembly import Disassembly, print_binary
from .links import LinkTable

PART = "llvm-objdump"
INSTALL = "apt install llvm"
_PLACE = re.compile(r"; (.+):(\d+)$")
_INSTRUCTION = re.compile(r"^\t(.*?)\s*// 0*([0-9A-F]+): ")
_FUNCTION = re.compile(r"^[0-9a-f]{8,} <(.+)>:$")
_PADDING = "s_nop 0"


def find_objdump() -> str | None:
    """The newest llvm-objdump: of LLVM_BIN_PATH, of the PATH, or of a versioned package."""
    folder = os.environ.get("LLVM_BIN_PATH")
    if folder and os.access(os.path.join(folder, PART), os.X_OK):
        return os.path.join(folder, PART)
    versioned = sorted(glob.glob("/usr/bin/llvm-objdump-*"), key=_version)
    return versioned[-1] if versioned else shutil.which(PART)


def _version(path: str) -> int:
    number = path.rpartition("-")[2]
    return int(number) if number.isdigit() else 0


def disassemble(hsaco: bytes, arch: str, objdump: str) -> str:
    """What llvm-objdump says. Raises OSError or subprocess.SubprocessError."""
    return print_binary(hsaco, ".hsaco", [objdump, "-d", "-l", f"--mcpu={arch}"])


def read_hsaco(printed: str, amdgcn: str = "") -> Disassembly:
    """Takes the places out of llvm-objdump's text; the assembly knows them with columns and calls."""
    result = Disassembly("", {})
    lines: list[str] = []
    # Line of the text -> what llvm-objdump says of its place.
    places: dict[int, list[Frame]] = {}
    place: list[Frame] = []
    for line in printed.splitlines():
        if match := _FUNCTION.match(line):
            lines.append(f"{match[1]}:")
            place = []
        elif match := _PLACE.match(line):
            place = [(match[1], int(match[2]), 0)] if int(match[2]) else []
        elif match := _INSTRUCTION.match(line):
            if result.instructions[-1:] == [match[1]] == [_PADDING]:
                continue  # dozens of them align the code for the instruction cache
            lines.append(f"    /*{match[2].lower():0>4}*/ {match[1]}")
            result.instructions.append(match[1])
            places[len(lines)] = place
    opcodes = [instruction.split()[0] for instruction in result.instructions]
    table = LinkTable()
    for (number, said), origin in zip(places.items(), align(opcodes, instructions(amdgcn)), strict=True):
        table.link(number, (origin.chain if origin else []) or said)
        if origin:
            table.originate(number, origin.line)
    result.text = "\n".join(lines) + "\n"
    result.links = table.to_json()
    return result

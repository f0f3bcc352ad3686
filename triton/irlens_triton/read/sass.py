"""SASS: what ptxas made of the PTX, as nvdisasm from Triton's wheel prints it.

nvdisasm names for each instruction the place in the source, with the calls that were
inlined but without columns, and the line of the PTX text, whose `.loc` knows the columns.
The document links to both.
"""

from __future__ import annotations

import re

from irlens_worker.protocol import Frame

from ..compile.ptx_locations import PtxLocations
from .disassembly import Disassembly, print_binary
from .links import LinkTable

_PLACE = re.compile(r'\s*//## File "([^"]*)", line (\d+)(?: inlined at "([^"]*)", line (\d+))?')
_PTX = ".nv_debug_ptx_txt"
_INSTRUCTION = re.compile(r"\s*/\*[0-9a-f]{4,}\*/\s+(.*?)\s*;")
# What frames the code: sections, sizes and types of symbols.
_FRAME = re.compile(r"\s*(\.(?!L_x)[a-z]\w*\b(?!:)|//-----)")


def disassemble(cubin: bytes) -> str:
    """What nvdisasm says. Raises OSError or subprocess.SubprocessError."""
    from triton import knobs

    return print_binary(cubin, ".cubin", [knobs.nvidia.nvdisasm.path, "-c", "-g", "-gi", "-gp"])


def read_sass(printed: str, ptx: str) -> Disassembly:
    """Takes the places out of nvdisasm's text."""
    locations = PtxLocations(ptx)
    table = LinkTable()
    lines: list[str] = []
    sass = Disassembly("", {})
    places: list[re.Match[str]] = []
    chain: list[Frame] = []
    ptx_line = 0
    for line in printed.splitlines():
        if match := _PLACE.match(line):
            if match[1] == _PTX:
                ptx_line = int(match[2])
                continue
            places.append(match)
            continue
        if places:
            chain = _chain(places)
            places = []
        if _FRAME.match(line) or (not line.strip() and not (lines and lines[-1])):
            continue
        lines.append(line.strip() if line.endswith(":") else line.rstrip())
        if instruction := _INSTRUCTION.match(line):
            sass.instructions.append(instruction[1])
            table.link(len(lines), _at(chain, locations, ptx_line))
            if ptx_line:
                table.originate(len(lines), ptx_line)
    sass.text = "\n".join(lines).rstrip() + "\n"
    sass.links = table.to_json()
    return sass


def _at(chain: list[Frame], locations: PtxLocations, ptx_line: int) -> list[Frame]:
    """The chain with the columns of the PTX line, when that speaks of the same place."""
    known = locations.chain(ptx_line)
    if not chain or locations.is_inline(ptx_line) or [item[:2] for item in known] == [item[:2] for item in chain]:
        return known
    if known and known[0][:2] == chain[0][:2]:
        return [known[0], *chain[1:]]
    return chain


def _chain(places: list[re.Match[str]]) -> list[Frame]:
    """The frames that nvdisasm names, the innermost first: the last line may name its caller, too."""
    chain = [(place[1], int(place[2]), 0) for place in places]
    if places[-1][3]:
        chain.append((places[-1][3], int(places[-1][4]), 0))
    return chain

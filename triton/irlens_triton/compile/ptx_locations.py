"""Which place each line of a PTX text comes from: `.file`, `.loc` and its `inlined_at`.

SASS refers to lines of this text; ptxas' errors, too. The PTX document itself is linked by
the engine. Format: PTX ISA, debugging directives. Within inline assembly LLVM counts the
lines of the assembly on from that of the statement: only the first `.loc` there is true.
"""

from __future__ import annotations

import bisect
import os
import re

from irlens_worker.protocol import Frame

_FILE = re.compile(r'\s*\.file\s+(\d+)\s+"([^"]*)"(?:\s+"([^"]*)")?')
_LOC = re.compile(
    r"\s*\.loc\s+(\d+)\s+(\d+)\s+(\d+)(?:\s*,\s*function_name\s+[^,]*,\s*inlined_at\s+(\d+)\s+(\d+)\s+(\d+))?"
)
_BEGIN, _END = "// begin inline asm", "// end inline asm"
_DEEPEST = 64

Place = tuple[int, int, int]


class PtxLocations:
    """Places by line number of the text, counted from 1."""

    def __init__(self, text: str) -> None:
        self._files: dict[int, str] = {}
        self._lines: list[int] = []
        self._chains: list[list[Place]] = []
        # Lines of inline assembly: the first and the one behind the last, in turn.
        self._inline: list[int] = []
        callers: dict[Place, Place] = {}
        for number, line in enumerate(text.splitlines(), 1):
            if match := _FILE.match(line):
                first, second = match[2], match[3]
                self._files[int(match[1])] = os.path.join(first, second) if second else first
            elif line.endswith((_BEGIN, _END)):
                self._inline.append(number)
            elif match := _LOC.match(line):
                if self.is_inline(number) and self._lines and self._lines[-1] > self._inline[-1]:
                    continue
                place = (int(match[1]), int(match[2]), int(match[3]))
                callers.pop(place, None)
                if match[4]:
                    # The place of the call was named by a `.loc` of its own, before.
                    callers[place] = (int(match[4]), int(match[5]), int(match[6]))
                self._lines.append(number)
                self._chains.append(_chain(place, callers))

    def is_inline(self, line: int) -> bool:
        """True between `begin inline asm` and `end inline asm`."""
        return bisect.bisect_right(self._inline, line) % 2 == 1

    def chain(self, line: int) -> list[Frame]:
        """The place of a line and its callers, the innermost first; empty if unknown."""
        index = bisect.bisect_right(self._lines, line) - 1
        if index < 0:
            return []
        places = [place for place in self._chains[index] if place[1] > 0 and place[0] in self._files]
        return [(self._files[file], line, column) for file, line, column in places]


def _chain(place: Place, callers: dict[Place, Place]) -> list[Place]:
    chain = [place]
    while chain[-1] in callers and len(chain) < _DEEPEST:
        chain.append(callers[chain[-1]])
    return chain

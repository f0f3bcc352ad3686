"""Layouts: a drawing of each distinct layout and shape of a kernel's TTGIR.

A stage of its own, so that a save pays nothing for it. Each layout is one paragraph of the
document; its first line links to the lines of the TTGIR that use it, and hovers on those show
the paragraph. What is drawn where is Triton's own answer (layout_drawings).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from irlens_worker.artifacts import StageResult
from irlens_worker.protocol import Diagnostic
from irlens_worker.provider import StageFailed

from ..compile.compiler import Compilation
from . import layout_drawings
from .layout_drawings import Drawing, Layout
from .links import LinkTable

_ALIAS = re.compile(r"^(#(?!loc\d*\b)\w+) = (.*)$")
_NAME = re.compile(r"#\w+\b(?!\.)")
_TYPE = re.compile(r"(tensor|!ttg\.memdesc)<")
_SHAPE = re.compile(r"((?:\d+x)+)(.*)", re.DOTALL)
_OPEN, _CLOSE = "<{([", ">})]"
# A line that is longer than this is data.
_LONGEST = 20_000


@dataclass
class Use:
    """A layout with a shape, and the lines that have a value of it."""

    layout: Layout
    elements: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)


def make_layouts(compilation: Compilation) -> StageResult:
    """The document. Raises StageFailed where this Triton draws nothing."""
    if problem := layout_drawings.problem():
        raise StageFailed([Diagnostic(problem, severity="info")], status="unavailable")
    text = compilation.texts["ttgir"]
    aliases = find_aliases(text)
    uses = find_uses(text, aliases)
    drawings = layout_drawings.draw([use.layout for use in uses], text, compilation.context)
    table = LinkTable()
    lines: list[str] = []
    for use, drawing in zip(uses, drawings, strict=True):
        lines += [""] if lines else []
        table.originate(len(lines) + 1, *use.lines)
        lines += _paragraph(use, drawing, aliases)
    return StageResult(
        text="\n".join(lines or ["# no value has a layout"]) + "\n",
        links=table.to_json(),
        summary={"gist": f"{len(uses)} layouts"},
    )


def find_aliases(text: str) -> dict[str, tuple[str, int]]:
    """Names that stand for attributes -> what they stand for, and the line that says so."""
    found: dict[str, tuple[str, int]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if match := _ALIAS.match(line):
            found[match[1]] = (match[2], number)
    return found


def find_uses(text: str, aliases: dict[str, tuple[str, int]]) -> list[Use]:
    """Each layout and shape, in the order in which they come first."""
    found: dict[tuple[tuple[int, ...], str, bool], Use] = {}
    for number, line in enumerate(text.splitlines(), 1):
        for kind, inside in _types(line):
            parts = _split(inside)
            match = _SHAPE.fullmatch(parts[0])
            if len(parts) < 2 or not match:
                continue
            shape = tuple(int(size) for size in match[1].split("x")[:-1])
            definition = aliases[parts[1]][0] if parts[1] in aliases else parts[1]
            in_memory = kind != "tensor" or "shared" in definition.partition("<")[0]
            # The type of the elements changes nothing that its layout does not say.
            use = found.setdefault((shape, parts[1], in_memory), Use(Layout(shape, parts[1], match[2], in_memory)))
            if number not in use.lines:
                use.lines.append(number)
            if match[2] not in use.elements:
                use.elements.append(match[2])
    for use in found.values():
        use.lines += [aliases[name][1] for name in names_in(use.layout.encoding, aliases)]
    return list(found.values())


def names_in(attribute: str, aliases: dict[str, tuple[str, int]]) -> list[str]:
    """The aliases that an attribute is made of, also those within others."""
    found: list[str] = []
    waiting = _NAME.findall(attribute)
    while waiting:
        name = waiting.pop(0)
        if name in aliases and name not in found:
            found.append(name)
            waiting += _NAME.findall(aliases[name][0])
    return found


def _types(line: str) -> Iterator[tuple[str, str]]:
    """What is in the brackets of each tensor or piece of memory."""
    if len(line) > _LONGEST:
        return
    for match in _TYPE.finditer(line):
        depth = 0
        for at in range(match.end() - 1, len(line)):
            # The arrow of a function's type closes nothing.
            if line[at] in _OPEN:
                depth += 1
            elif line[at] in _CLOSE and line[at - 1 : at + 1] != "->":
                depth -= 1
            if depth == 0:
                yield match[1], line[match.end() : at]
                break


def _split(text: str) -> list[str]:
    """The parts between commas outside of brackets."""
    parts, start, depth = [], 0, 0
    for at, char in enumerate(text):
        depth += (char in _OPEN) - (char in _CLOSE)
        if char == "," and depth == 0:
            parts.append(text[start:at].strip())
            start = at + 1
    return [*parts, text[start:].strip()]


def _paragraph(use: Use, drawing: Drawing, aliases: dict[str, tuple[str, int]]) -> list[str]:
    """No line of it is empty: it ends where one is."""
    shape = "x".join(str(size) for size in use.layout.shape)
    place = " in memory" if use.layout.in_memory else ""
    heading = f"{shape} {use.layout.encoding}{place} ({', '.join(use.elements)})"
    definitions = [f"{name} = {aliases[name][0]}" for name in names_in(use.layout.encoding, aliases)]
    return [heading, *definitions, *drawing.facts, *drawing.lines]

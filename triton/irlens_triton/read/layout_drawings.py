"""Drawings of layouts by the installed Triton: which thread, warp and register holds what.

Triton's printer aborts on some layouts, so each batch is drawn in a forked child, which goes
on behind the one that ended it. Called by layouts. The functions that are used came with 3.9.
"""

from __future__ import annotations

import faulthandler
import json
import math
import os
import re
import tempfile
import time
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from irlens_worker import limits
from triton._C import libtriton
from triton._C.libtriton import ir

# The part of a drawing that is shown.
_ROWS = 16
_WIDTH = 92
# More holders of one element than these are an ellipsis.
_HOLDERS = 2
# Drawings of larger tensors take seconds.
_MOST_ELEMENTS = 1 << 18
# All drawings together; what comes later gets its facts alone.
_SECONDS = 3.0
_MODULE = re.compile(r"^module\b.*\{", re.MULTILINE)
_ATTRIBUTE = re.compile(r"^#(?!loc\d*\b)\w+ = .*$", re.MULTILINE)
_FUNCTION = "layouts"


class Layout(NamedTuple):
    """A layout as TTGIR spells it, with what it depends on."""

    shape: tuple[int, ...]
    encoding: str
    element: str
    in_memory: bool

    def type(self) -> str:
        """The type of a value that has it."""
        inside = "".join(f"{size}x" for size in self.shape) + f"{self.element}, {self.encoding}"
        return f"!ttg.memdesc<{inside}, #ttg.shared_memory>" if self.in_memory else f"tensor<{inside}>"


@dataclass
class Drawing:
    """What is said of one layout, in lines of text."""

    facts: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


def problem() -> str:
    """Why this Triton draws nothing; empty if it does."""
    gluon = getattr(libtriton, "gluon_ir", None)
    builder = getattr(gluon, "GluonOpBuilder", None)
    needed = ("get_gluon_layout_from_tensor", "get_gluon_layout_from_memdesc", "to_linear_layout")
    if hasattr(gluon, "get_layout_view") and all(hasattr(builder, name) for name in needed):
        return ""
    return "drawings of layouts need Triton 3.9: pip install triton==3.9.0"


def draw(layouts: list[Layout], text: str, context: Any) -> list[Drawing]:
    """One for each; `text` is the module that they stand in, read in `context` before."""
    made: list[Drawing] = []
    deadline = time.monotonic() + _SECONDS
    while len(made) < len(layouts):
        made += _draw_apart(layouts[len(made) :], text, context, deadline)
        if len(made) < len(layouts):
            made.append(Drawing([_refusal(layouts[len(made)])]))
    return made


def _draw_apart(layouts: list[Layout], text: str, context: Any, deadline: float) -> list[Drawing]:
    """The drawings up to the one that the process does not survive."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        # What an assertion says, and the stack to it, is of no use to anybody.
        faulthandler.disable()
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        with os.fdopen(write, "w") as stream:
            _write_drawings(layouts, text, context, deadline, stream)
        limits.really_exit(0)
    os.close(write)
    with os.fdopen(read) as stream:
        lines = stream.read().splitlines()
    os.waitpid(pid, 0)
    return [Drawing(**json.loads(line)) for line in lines]


def _write_drawings(layouts: list[Layout], text: str, context: Any, deadline: float, stream: Any) -> None:
    try:
        module = _module(layouts, text, context)
    except Exception:  # one of them cannot be read: it is found by reading each alone
        module = None
    for index, layout in enumerate(layouts):
        try:
            own = module or _module([layout], text, context)
            value = own.get_function(_FUNCTION).args(index if module else 0)
            drawing = _drawing(layout, value, context, time.monotonic() < deadline)
        except Exception as error:
            drawing = Drawing([_refusal(layout, str(error))])
        stream.write(json.dumps(asdict(drawing)) + "\n")
        stream.flush()


def _module(layouts: list[Layout], text: str, context: Any) -> Any:
    """One with a function that takes a value of each layout."""
    head = _MODULE.search(text)
    arguments = ", ".join(f"%a{index}: {layout.type()}" for index, layout in enumerate(layouts))
    lines = [*_ATTRIBUTE.findall(text), head[0] if head else "module {"]
    lines += [f"tt.func public @{_FUNCTION}({arguments}) {{ tt.return }}", "}"]
    with tempfile.NamedTemporaryFile("w", suffix=".ttgir") as file:
        file.write("\n".join(lines))
        file.flush()
        module = ir.parse_mlir_module(file.name, context)
    module.context = context
    return module


def _drawing(layout: Layout, value: Any, context: Any, has_time: bool) -> Drawing:
    builder = libtriton.gluon_ir.GluonOpBuilder(context)
    get = builder.get_gluon_layout_from_memdesc if layout.in_memory else builder.get_gluon_layout_from_tensor
    found = get(value)
    # In memory there may be several of a tensor, one after the other.
    shape = list(layout.shape[-_rank(found, layout) :])
    copies = math.prod(layout.shape[: -len(shape)])
    facts = [f"each of {copies}:"] if len(shape) < len(layout.shape) else []
    linear = builder.to_linear_layout(found._to_ir(builder), shape)
    facts += _memory_facts(linear) if layout.in_memory else _thread_facts(linear)
    if not has_time or math.prod(shape) > _MOST_ELEMENTS:
        return Drawing(facts, ["(too large to be drawn)"])
    return Drawing(facts, crop(found.format_tensor_view(shape), shape, 1 if layout.in_memory else _HOLDERS))


def _rank(found: Any, layout: Layout) -> int:
    """How many dimensions the layout is about."""
    if not layout.in_memory:
        return len(layout.shape)
    rank = getattr(found, "rank", None) or len(getattr(found, "order", layout.shape))
    return min(rank, len(layout.shape))


def _thread_facts(linear: Any) -> list[str]:
    registers, lanes, warps = linear.reg_bases, linear.lane_bases, linear.warp_bases
    words = [f"{_count('element', registers)} per thread", f"{_count('thread', lanes)} per warp"]
    words.append(_count("warp", warps))
    if linear.block_bases:
        words.append(_count("CTA", linear.block_bases))
    threads = _repeated(lanes) * _repeated(warps) * _repeated(linear.block_bases)
    if threads > 1:
        words.append(f"each element in {threads} threads")
    if _repeated(registers) > 1:
        words.append(f"{_repeated(registers)} times in each")
    named = (("register", registers), ("lane", lanes), ("warp", warps), ("CTA", linear.block_bases))
    facts = [", ".join(words)] + [_steps(name, bases) for name, bases in named if bases]
    return [*facts, "T3:5 is register 5 of thread 3:"]


def _memory_facts(linear: Any) -> list[str]:
    facts = [_steps("offset", linear.offset_bases)]
    if linear.block_bases:
        facts.append(_steps("CTA", linear.block_bases))
    return [*facts, "memory in rows of the tensor's size, (3:5) is the element of row 3 and column 5:"]


def _count(name: str, bases: list[list[int]]) -> str:
    return f"{1 << len(bases)} {name}" + "s" * bool(bases)


def _repeated(bases: list[list[int]]) -> int:
    """How often each element is there."""
    return 1 << sum(not any(basis) for basis in bases)


def _steps(name: str, bases: list[list[int]]) -> str:
    """Where the first, second, fourth, ... of them is in the tensor: the rest follows by xor."""
    steps = [f"{1 << index}: ({', '.join(map(str, basis))})" for index, basis in enumerate(bases)]
    return f"{name} " + ", ".join(steps)


def _refusal(layout: Layout, reason: str = "") -> str:
    said = reason.strip().splitlines()[:1]
    return "Triton cannot draw this layout" + (f": {said[0]}" if said else " of this shape")


def crop(view: str, shape: list[int], holders: int) -> list[str]:
    """The upper left part of Triton's drawing, with the numbers of rows and columns."""
    rows = [[_short(cell, holders) for cell in line.strip("[], ").split(",")] for line in view.splitlines()]
    if len(shape) == 1:
        return _wrapped(rows[0])
    shown = rows[:_ROWS]
    labels = [_label(index, shape) for index in range(len(shown))]
    width = max(len(cell) for row in shown for cell in row)
    count = _columns(len(shown[0]), width, max(map(len, labels)))
    more = len(shown[0]) > count
    table = [_line("", [str(column) for column in range(count)], labels, width, False)]
    table += [_line(label, row[:count], labels, width, more) for label, row in zip(labels, shown, strict=True)]
    return table + ["..."] * (len(rows) > len(shown))


def _wrapped(cells: list[str]) -> list[str]:
    """A tensor of one dimension: row by row."""
    width = max(map(len, cells))
    last = str(len(cells) - 1)
    count = _columns(len(cells), width, len(last))
    starts = list(range(0, len(cells), count))
    shown = [_line(str(start), cells[start : start + count], [last], width, False) for start in starts[:_ROWS]]
    return shown + ["..."] * (len(starts) > _ROWS)


def _short(cell: str, most: int) -> str:
    found = [holder.replace(" ", "") for holder in cell.split("|")]
    return "|".join(found[:most]) + "|.." * (len(found) > most)


def _columns(there: int, width: int, label: int) -> int:
    """As many as there is room for: all of them, or a power of two."""
    room = max((_WIDTH - label) // (width + 1), 1)
    return there if there <= room else 1 << (room.bit_length() - 1)


def _label(row: int, shape: list[int]) -> str:
    """The index of a row, one number per dimension but the last."""
    found: list[str] = []
    for size in reversed(shape[:-1]):
        found.insert(0, str(row % size))
        row //= size
    return ",".join(found)


def _line(label: str, cells: list[str], labels: list[str], width: int, more: bool) -> str:
    indent = max(map(len, labels))
    return f"{label:>{indent}}|" + " ".join(f"{cell:>{width}}" for cell in cells) + " ..." * more

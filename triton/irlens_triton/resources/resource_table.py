"""What a kernel needs, as tables in Markdown: its resources per target, and for an autotuned
kernel a row per configuration.

Called in the processes of these stages. Each configuration is compiled in a forked child, so
that one that the compiler cannot take costs its row alone.
"""

from __future__ import annotations

import os
import pickle
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from irlens_worker import limits
from irlens_worker.artifacts import StageResult
from irlens_worker.protocol import Diagnostic
from irlens_worker.provider import StageFailed

from ..compile.compiler import compile_all
from ..compile.diagnostics import failure
from ..compile.resume import finish
from ..kernels import Kernel, Variant
from ..naming import configuration_name
from ..targets import Target, parse_target
from .hardware import is_known, limits_of
from .instructions import CLASSES
from .resources import Resources, gist, measure

_LESS_IS_BETTER = ("registers", "spills", "stack", "shared", "compile ms")


@dataclass
class Cell:
    """One configuration on one target."""

    label: str
    target: Target
    found: Resources | None = None
    milliseconds: float = 0.0
    problem: str = ""
    diagnostics: list[Diagnostic] = field(default_factory=list)


def make_resources(kernel: Kernel, target_names: list[str], made: Path | None = None) -> StageResult:
    """The configuration that the other stages show; goes on from what they left in `made`.

    Raises StageFailed when no target takes it.
    """
    cells = [_compile(kernel, kernel.variant, parse_target(name), made) for name in target_names]
    found = [cell.found for cell in cells if cell.found]
    if not found:
        raise StageFailed([diagnostic for cell in cells for diagnostic in cell.diagnostics][:1])
    title = [f"# {kernel.name}", "", *([kernel.variant.label, ""] if kernel.tuned else [])]
    lines = [*title, *_overview([cell for cell in cells if cell.found]), *_remarks(cells)]
    diagnostics = [item for cell in cells if cell.found for item in _complaints(kernel, cell.found, cell.target)]
    return StageResult(
        text="\n".join(lines) + "\n",
        summary={"gist": " / ".join(f"{cell.target.name} {gist(cell.found)}" for cell in cells if cell.found)},
        diagnostics=diagnostics,
    )


def make_configurations(kernel: Kernel, target_names: list[str], _: Path | None = None) -> StageResult:
    """All configurations on all targets. Raises StageFailed when nothing can be compiled."""
    lines = [f"# {kernel.name}: {len(kernel.configurations)} configurations"]
    every: list[Cell] = []
    for name in target_names:
        cells = [_compile(kernel, variant, parse_target(name)) for variant in kernel.configurations]
        lines += ["", f"## {name}", "", *_matrix(kernel, cells)]
        every += cells
    if not any(cell.found for cell in every):
        raise StageFailed([diagnostic for cell in every for diagnostic in cell.diagnostics][:1])
    return StageResult(
        text="\n".join([*lines, *_remarks(every)]) + "\n",
        summary={"gist": f"{len(kernel.configurations)} configurations"},
    )


def _compile(kernel: Kernel, variant: Variant, target: Target, made: Path | None = None) -> Cell:
    cell = Cell(variant.label or "as launched", target)
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        _send(write, _measure(kernel, variant, cell, made))
        limits.really_exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as stream:
        data = stream.read()
    _, status = os.waitpid(pid, 0)
    if data:
        return pickle.loads(data)
    cell.problem = limits.classify(status, "", False)[1]
    return cell


def _measure(kernel: Kernel, variant: Variant, cell: Cell, made: Path | None) -> Cell:
    try:
        began = time.perf_counter()
        compilation = finish(made, cell.target) if made else None
        compilation = compilation or compile_all(kernel.function, variant, cell.target)
        cell.milliseconds = (time.perf_counter() - began) * 1000
        cell.found = measure(compilation, with_instructions=True)
    except MemoryError:
        cell.problem = "ran out of memory"
    except Exception as error:
        cell.diagnostics = failure(error, [])
        for diagnostic in cell.diagnostics:
            diagnostic.frames = diagnostic.frames or kernel.frames
        cell.problem = cell.diagnostics[0].message.splitlines()[0]
    return cell


def _send(fd: int, cell: Cell) -> None:
    with os.fdopen(fd, "wb") as stream:
        stream.write(pickle.dumps(cell))


def _complaints(kernel: Kernel, found: Resources, target: Target) -> list[Diagnostic]:
    """What its author should know, on the line of the kernel."""
    frames = [(kernel.file, kernel.line, 0)]
    complaints = []
    if found.spill_bytes:
        text = f"{target.name}: {_bytes(found.spill_bytes)} of registers spill to memory ({found.registers} in use)"
        meaning = "Each spill is a trip to local memory. Take smaller blocks, more warps or fewer stages."
        complaints.append(Diagnostic(text, frames, "warning", notes=[(meaning, [])]))
    most = limits_of(target).shared_per_block
    if found.shared > most:
        text = f"{target.name}: needs {_bytes(found.shared)} of shared memory, a block has {_bytes(most)}"
        meaning = "A launch fails with OutOfResources. Take smaller blocks or fewer stages."
        complaints.append(Diagnostic(text, frames, "warning", notes=[(meaning, [])]))
    return complaints


def _remarks(cells: list[Cell]) -> list[str]:
    lines = []
    problems = [cell for cell in cells if cell.problem]
    if problems:
        lines += ["", "Not compiled:", ""]
        lines += [f"- {cell.target.name}, {cell.label}: {cell.problem}" for cell in problems]
    guessed = sorted({cell.target.name for cell in cells if not is_known(cell.target)})
    if guessed:
        lines += ["", f"Limits of {', '.join(guessed)} are not known here; those of a relative are used."]
    return lines


def _overview(cells: list[Cell]) -> list[str]:
    """A column per target."""
    names = [cell.target.name for cell in cells]
    lines = [f"| | {' | '.join(names)} |", "|---|" + "---|" * len(names)]
    for label, texts in _rows([cell.found for cell in cells if cell.found], [cell.target for cell in cells]):
        lines.append(f"| {label} | {' | '.join(texts)} |")
    return lines


def _rows(found: list[Resources], targets: list[Target]) -> list[tuple[str, list[str]]]:
    pairs = list(zip(found, targets, strict=True))
    counts = [item.instructions for item in found]
    return [
        ("registers per thread", [_registers(item, target) for item, target in pairs]),
        ("spills", [_bytes(item.spill_bytes) for item in found]),
        ("stack", [_bytes(item.stack) for item in found]),
        ("shared memory", [f"{_bytes(item.shared)} of {_bytes(limits_of(t).shared_per_block)}" for item, t in pairs]),
        ("warps per block", [str(item.warps) for item in found]),
        ("occupancy", [_occupancy(item) for item in found]),
        ("limited by", [_limiter(item) for item in found]),
        ("instructions", [str(count.total()) if count else "-" for count in counts]),
        *((f"- {name}", [str(count[name]) if count else "-" for count in counts]) for name in _used(counts)),
    ]


def _used(counts: list[Counter[str]]) -> list[str]:
    return [name for name in CLASSES if any(count[name] for count in counts)]


def _registers(found: Resources, target: Target) -> str:
    text = f"{found.registers} of {limits_of(target).registers_per_thread}"
    if found.accumulators:
        text += f", {found.accumulators} accumulators"
    return text + (f", {found.scalars} scalar" if found.scalars else "")


def _occupancy(found: Resources) -> str:
    fits = found.occupancy
    return f"{fits.percent} % ({fits.warps} of {fits.possible} warps)"


def _limiter(found: Resources) -> str:
    limiter = found.occupancy.limiter or "nothing"
    return limiter if found.occupancy.warps else f"{limiter}: does not fit"


def _matrix(kernel: Kernel, cells: list[Cell]) -> list[str]:
    """A row per configuration; the best value of each column stands in bold."""
    columns: list[tuple[str, Any]] = [
        ("registers", lambda cell: cell.found.registers),
        ("spills", lambda cell: cell.found.spill_bytes),
        ("stack", lambda cell: cell.found.stack),
        ("shared", lambda cell: cell.found.shared),
        ("occupancy %", lambda cell: cell.found.occupancy.percent),
        ("compile ms", lambda cell: round(cell.milliseconds)),
    ]
    done = [cell for cell in cells if cell.found]
    header = " | ".join(name for name, _ in columns)
    lines = [f"| entry | configuration | {header} | limited by |", "|---|---|" + "---|" * (len(columns) + 1)]
    best = {
        name: (min if name in _LESS_IS_BETTER else max)(value(cell) for cell in done)
        for name, value in columns
        if len({value(cell) for cell in done}) > 1
    }
    for number, cell in enumerate(cells, 1):
        label = f"{configuration_name(kernel, number)} | {cell.label}"
        if cell.found is None:
            lines.append(f"| {label} | " + "- | " * len(columns) + "not compiled |")
            continue
        values = [(value(cell), value(cell) == best.get(name)) for name, value in columns]
        texts = [f"**{value}**" if is_best else str(value) for value, is_best in values]
        lines.append(f"| {label} | {' | '.join(texts)} | {_limiter(cell.found)} |")
    return lines


def _bytes(count: int) -> str:
    return f"{count} B" if count < 1024 or count % 1024 else f"{count // 1024} kB"

"""What a compiled kernel needs: registers, spills, shared memory, stack, occupancy.

Without a GPU: ptxas says it in its log, AMD's assembly in its metadata. Called in the
process of the resources stage, and for scripts that ask a compiled kernel.
"""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ..compile.compiler import Compilation
from ..read import hsaco, sass
from ..read.disassembly import print_binary
from .instructions import count_classes
from .occupancy import Occupancy, occupancy

_STACK = re.compile(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads")
_REGISTERS = re.compile(r"Used (\d+) registers")
_USAGE = re.compile(r"REG:(\d+) STACK:(\d+) SHARED:(\d+) LOCAL:(\d+)")
_AMD_FIELD = re.compile(r"^\s*\.(\w+):\s+(\d+)\s*$", re.MULTILINE)


@dataclass
class Resources:
    """Of one kernel on one target; sizes in bytes, registers per thread."""

    registers: int
    spill_bytes: int
    stack: int
    shared: int
    warps: int
    occupancy: Occupancy
    # AMD: accumulation registers, which are a part of `registers`, and scalar ones.
    accumulators: int = 0
    scalars: int = 0
    # By class; empty when the binary cannot be disassembled here.
    instructions: Counter[str] = field(default_factory=Counter)


def measure(compilation: Compilation, with_instructions: bool = False) -> Resources:
    """Reads what the compilers noted. Raises ValueError when they noted nothing."""
    found = _nvidia(compilation) if compilation.target.is_nvidia else _amd(compilation)
    if with_instructions:
        found.instructions = _instructions(compilation)
    return found


def _nvidia(compilation: Compilation) -> Resources:
    log = "\n".join(item.text for item in compilation.said if item.severity == "log")
    registers, stack = _REGISTERS.search(log), _STACK.search(log)
    if registers and stack:
        count, frame, spilled = int(registers[1]), int(stack[1]), int(stack[2]) + int(stack[3])
    else:
        count, frame, spilled = _usage(compilation.texts["cubin"])
    return _resources(compilation, count, spilled, frame)


def _usage(cubin: bytes) -> tuple[int, int, int]:
    """What cuobjdump reads from the binary; it does not know spills from other local memory."""
    from triton import knobs

    match = _USAGE.search(print_binary(cubin, ".cubin", [knobs.nvidia.cuobjdump.path, "-res-usage"]))
    if not match:
        raise ValueError("cuobjdump knows no resource usage of this kernel")
    return int(match[1]), int(match[2]), int(match[4])


def _amd(compilation: Compilation) -> Resources:
    text: str = compilation.texts["amdgcn"]
    fields = {name: int(value) for name, value in _AMD_FIELD.findall(text[text.rfind("amdhsa.kernels") :])}
    if "vgpr_count" not in fields:
        raise ValueError("the assembly has no metadata")
    spilled = 4 * (fields.get("vgpr_spill_count", 0) + fields.get("sgpr_spill_count", 0))
    scalars = fields.get("sgpr_count", 0)
    stack = fields.get("private_segment_fixed_size", 0)
    found = _resources(compilation, fields["vgpr_count"], spilled, stack, scalars)
    found.accumulators = fields.get("agpr_count", 0)
    found.scalars = scalars
    return found


def _resources(compilation: Compilation, registers: int, spilled: int, stack: int, scalars: int = 0) -> Resources:
    warps = int(compilation.metadata["num_warps"])
    shared = int(compilation.metadata.get("shared") or 0)
    fits = occupancy(compilation.target, registers, shared, warps, scalars)
    return Resources(registers, spilled, stack, shared, warps, fits)


def _instructions(compilation: Compilation) -> Counter[str]:
    try:
        if compilation.target.is_nvidia:
            printed = sass.disassemble(compilation.texts["cubin"])
            listed = sass.read_sass(printed, "").instructions
        else:
            objdump = hsaco.find_objdump()
            if objdump is None:
                return Counter()
            binary, arch = compilation.texts["hsaco"], str(compilation.target.arch)
            listed = hsaco.read_hsaco(hsaco.disassemble(binary, arch, objdump)).instructions
    except (OSError, subprocess.SubprocessError):
        return Counter()
    return count_classes(listed, compilation.target.is_nvidia)


def gist(found: Resources) -> str:
    """For the title of the lens: `28 registers · 50 % occupancy`."""
    spills = f" · {found.spill_bytes} B spilled" if found.spill_bytes else ""
    return f"{found.registers} registers{spills} · {found.occupancy.percent} % occupancy"


def facts(found: Resources) -> list[list[Any]]:
    """For the lens above the kernel in a document."""
    told: list[list[Any]] = [["registers", found.registers], ["warps", found.warps]]
    if found.spill_bytes:
        told.append(["spilled", f"{found.spill_bytes} B"])
    if found.shared:
        told.append(["shared", f"{found.shared} B"])
    return [*told, ["occupancy", f"{found.occupancy.percent} %"]]

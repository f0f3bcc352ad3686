"""triton-llvm-opt without its program: Triton's LLVM optimises a text at one of its levels.

libtriton reads no LLVM IR, but it links libraries: the text is linked into an empty module that declares its
functions. That makes them internal, so they are marked as used, and become what they were in the printed text.
Called in the process of a stage that a tool step makes. With a binary of the user's own that one runs.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

from irlens_worker.given_text import GivenText
from irlens_worker.heard import hearing
from irlens_worker.protocol import Diagnostic, Json
from irlens_worker.provider import StageFailed
from irlens_worker.tool_arguments import BadArguments, parse_arguments
from irlens_worker.tool_process import ToolOutput, failed_tool

from .text_module import parse_text

TOOL = "triton-llvm-opt"
VARIABLE = "TRITON_OPT_PATH"
_HINT = f"name its folder in {VARIABLE}"

_LEVEL = re.compile(r"(?:default<)?O([1-3])>?")
_DEFINITION = re.compile(r'^define (?P<words>[^@\n]*)@(?P<name>"[^"]+"|[\w.$-]+)\(', re.MULTILINE)
_LOCAL = ("internal", "private")
_LINKAGES = ("available_externally", "linkonce", "linkonce_odr", "weak", "weak_odr", "extern_weak", "external")
_TRIPLE = re.compile(r'^target triple = "([^"]+)"', re.MULTILINE)
_USED = "@llvm.used"
# What stands before everything else, and is the text's own.
_HEAD = ("; ModuleID = ", "source_filename = ", "target datalayout = ", "target triple = ")


def run_in_process(step: Json, given: GivenText) -> ToolOutput:
    """The text at the level that the arguments ask for. Raises StageFailed."""
    try:
        level = _level(step.get("args", ()))
    except BadArguments as error:
        raise StageFailed([Diagnostic(str(error))]) from error
    text = given.read()
    if _USED in text:
        raise StageFailed([Diagnostic(f"{TOOL}: only the program can take a text with {_USED}: {_HINT}")])
    functions = {match["name"]: _linkage(match["words"]) for match in _DEFINITION.finditer(text)}
    kept = {name: linkage for name, linkage in functions.items() if linkage not in _LOCAL}
    if not kept:
        raise StageFailed([Diagnostic(f"{TOOL}: the text defines no function that is seen outside", given.place)])
    problem: Exception | None = None
    with hearing() as heard:
        try:
            printed = _optimise(text, list(kept), level)
        except (RuntimeError, ValueError) as raised:
            problem = raised
    if problem is not None:
        raise failed_tool(TOOL, "cannot read the text as LLVM IR", given.rename(heard.text), given) from problem
    return ToolOutput(_restored(printed, kept, text), given.rename(heard.text))


def _level(args: Any) -> int:
    """The one optimisation that the arguments name. Raises BadArguments."""
    levels = []
    for call in parse_arguments(TOOL, args).passes:
        match = _LEVEL.fullmatch(call.options if call.name == "passes" else call.name)
        if match:
            levels.append(int(match[1]))
        elif call.name != "S":
            raise BadArguments(f"{TOOL}: only the program knows -{call.name}, here are -O1, -O2 and -O3: {_HINT}")
    if len(levels) != 1:
        raise BadArguments(f"{TOOL}: expected one of -O1, -O2 and -O3")
    return levels[0]


def _optimise(text: str, names: list[str], level: int) -> str:
    from triton._C.libtriton import ir, llvm, nvidia

    llvm.init_targets()
    context = ir.context()
    ir.load_dialects(context)
    nvidia.load_dialects(context)
    declared = "\n".join(f"llvm.func @{name}()" for name in names)
    llvm_context = llvm.context()
    module = llvm.to_module(parse_text(f"module {{\n{declared}\n}}\n", context), llvm_context)
    used = ", ".join(f"ptr @{name}" for name in names)
    file = os.memfd_create("text")
    try:
        with open(file, "w", closefd=False) as stream:
            stream.write(f'{text}\n{_USED} = appending global [{len(names)} x ptr] [{used}], section "llvm.metadata"\n')
        llvm.link_extern_libs(module, [f"/proc/self/fd/{file}"])
    finally:
        os.close(file)
    if triple := _TRIPLE.search(text):
        llvm.attach_datalayout(module, triple[1], "", "")
    llvm.optimize_module(module, getattr(llvm, f"OPTIMIZE_O{level}"))
    return str(module)


def _restored(printed: str, linkages: dict[str, str], text: str) -> str:
    """The printed module with the beginning and the linkages of the text."""
    head = [line for line in text.splitlines() if line.startswith(_HEAD)]
    lines = (line for line in printed.splitlines() if not line.startswith((*_HEAD, _USED)))
    return re.sub(r"\n{3,}", "\n\n", "\n".join([*head, "", *_with_linkage(lines, linkages)])) + "\n"


def _with_linkage(lines: Iterator[str], linkages: dict[str, str]) -> Iterator[str]:
    for line in lines:
        match = _DEFINITION.match(line)
        if match and match["name"] in linkages:
            linkage = linkages[match["name"]]
            line = line.replace("define internal ", f"define {linkage} " if linkage else "define ", 1)
        yield line


def _linkage(words: str) -> str:
    return next((word for word in words.split() if word in (*_LOCAL, *_LINKAGES)), "")

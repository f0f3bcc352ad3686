"""triton-opt without its program: the passes of libtriton's bindings on a text, one after the other.

Called in the process of a stage that a tool step makes. With a binary of the user's own that one runs.
"""

from __future__ import annotations

import os
from typing import Any

from irlens_worker.did_you_mean import did_you_mean
from irlens_worker.given_text import GivenText
from irlens_worker.heard import hearing
from irlens_worker.protocol import Diagnostic, Json
from irlens_worker.provider import StageFailed
from irlens_worker.tool_arguments import BadArguments, PassCall, parse_arguments, split_pipeline, unknown_flag
from irlens_worker.tool_process import ToolOutput, failed_tool

from .pass_table import Pass, known_passes
from .text_module import parse_mlir

TOOL = "triton-opt"
VARIABLE = "TRITON_OPT_PATH"

_UNSUPPORTED = ("allow-unregistered-dialect", "mlir-print-op-generic", "no-verify-each")
Step = tuple[str, Any, list[Any]]


def run_in_process(step: Json, given: GivenText) -> ToolOutput:
    """The text with its debug info, and what was said. Raises StageFailed."""
    try:
        arguments = parse_arguments(TOOL, step.get("args", ()))
        for name in _UNSUPPORTED:
            if name in arguments.switches:
                raise BadArguments(f"{TOOL}: only the program knows --{name}: name its folder in {VARIABLE}")
        calls = split_pipeline(arguments.pipeline) if arguments.pipeline else arguments.passes
        passes = [_prepare(call) for call in calls]
    except BadArguments as error:
        raise StageFailed([Diagnostic(str(error))]) from error
    os.environ["MLIR_ENABLE_DIAGNOSTICS"] = "warnings,remarks"
    module: Any = None
    problem: Exception | None = None
    failed = "its input"
    with hearing() as heard:
        try:
            module = parse_mlir(given)
            for failed, add, values in passes:
                _print(failed, "Before", module, "mlir-print-ir-before-all" in arguments.switches)
                _run(module, add, values)
                _print(failed, "After", module, "mlir-print-ir-after-all" in arguments.switches)
        except RuntimeError as raised:
            problem = raised
    if problem is None:
        return ToolOutput(str(module), given.rename(heard.text))
    failure = failed_tool(TOOL, f"failed in {failed}", given.rename(heard.text), given)
    for diagnostic in failure.diagnostics:
        diagnostic.pass_name = failed if module is not None else ""
    raise failure from problem


def _run(module: Any, add: Any, values: list[Any]) -> None:
    from triton._C.libtriton import ir

    manager = ir.pass_manager(module.context)
    add(manager, *values)
    manager.run(module, TOOL)


def _print(name: str, when: str, module: Any, wanted: bool) -> None:
    if wanted:
        os.write(2, f"// -----// IR Dump {when} {name} //----- //\n{module.str_nodebug()}\n".encode())


def _prepare(call: PassCall) -> Step:
    """The pass, what adds it, and what that takes. Raises BadArguments."""
    known = known_passes()
    row = known.get(call.name)
    if row is None:
        raise BadArguments(unknown_flag(TOOL, call.name, known))
    add = row.adder()
    if add is None:
        raise BadArguments(f"{TOOL}: this version of Triton has no pass {call.name!r}")
    return call.name, add, _values(row, call)


def _values(row: Pass, call: PassCall) -> list[Any]:
    given = call.option_values()
    names = [option.name for option in row.options]
    for name in given:
        if name not in names:
            hint = did_you_mean(name, names) or f"; it takes {', '.join(names) or 'none here'}"
            raise BadArguments(f"{TOOL}: {row.name} has no option {name!r}{hint}")
    values = []
    for option in row.options:
        if option.name not in given and option.is_needed:
            raise BadArguments(f"{TOOL}: {row.name} needs {option.name}: --{row.name}={option.name}=...")
        try:
            values.append(option.parse(given.get(option.name, option.default)))
        except ValueError as error:
            raise BadArguments(f"{TOOL}: {option.name} of {row.name} is {error}, not {given[option.name]!r}") from None
    return values

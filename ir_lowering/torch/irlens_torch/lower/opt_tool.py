"""torch-mlir-opt without its program: the passes of torch-mlir's bindings on a text.

Called in the process of a stage that a tool step makes. With a binary of the user's own that one runs.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import subprocess
from typing import Any

import torch_mlir.ir
from irlens_worker.did_you_mean import did_you_mean
from irlens_worker.given_text import GivenText
from irlens_worker.heard import hearing
from irlens_worker.protocol import Diagnostic, Json
from irlens_worker.provider import StageFailed
from irlens_worker.tool_arguments import BadArguments, PassCall, ToolArguments, parse_arguments, unknown_flag
from irlens_worker.tool_messages import message_text
from irlens_worker.tool_process import ToolOutput
from torch_mlir import ir
from torch_mlir.passmanager import PassManager

from .mlir_errors import error_diagnostics
from .read_text import read_module

TOOL = "torch-mlir-opt"

_RESTRICTED = re.compile(r"restricted to '([\w.-]+)'")
_UNKNOWN_PASS = re.compile(r"'([^']*)' does not refer to a registered pass")
_UNKNOWN_OPTION = re.compile(r"no such option ([\w.-]+)")
_FAILED_TO_ADD = re.compile(r"failed to add `([\w.-]+)`")
# In `--list-passes`: an option has one blank behind the dash.
_LISTED = re.compile(r"^\s*--([\w-]+)\s*-   ", re.MULTILINE)


def run_in_process(step: Json, given: GivenText) -> ToolOutput:
    """The text with its debug info, and what was said. Raises StageFailed."""
    try:
        arguments = parse_arguments(TOOL, step.get("args", ()))
        manager_text = _pipeline(arguments)
    except BadArguments as error:
        raise StageFailed([Diagnostic(str(error))]) from error
    module = read_module(given, "allow-unregistered-dialect" in arguments.switches)
    said = _run(module, manager_text, arguments, given) if manager_text else ""
    generic = "mlir-print-op-generic" in arguments.switches
    text = module.operation.get_asm(enable_debug_info=True, print_generic_op_form=generic)
    return ToolOutput(str(text), said)


def _run(module: ir.Module, pipeline: str, arguments: ToolArguments, given: GivenText) -> str:
    with module.context, hearing() as heard:
        manager = PassManager.parse(pipeline)
        manager.enable_verifier("no-verify-each" not in arguments.switches)
        _print_passes(manager, arguments.switches)
        error: ir.MLIRError | None = None
        try:
            manager.run(module.operation)
        except ir.MLIRError as raised:
            error = raised
    if error is None:
        return heard.text
    failure = StageFailed(error_diagnostics(error))
    failure.stderr = heard.text + "".join(message_text(item) for item in failure.diagnostics)
    raise failure from error


def _print_passes(manager: Any, switches: set[str]) -> None:
    before = "mlir-print-ir-before-all" in switches
    changed = "mlir-print-ir-after-change" in switches
    after = changed or "mlir-print-ir-after-all" in switches
    if before or after:
        manager.enable_ir_printing(print_before_all=before, print_after_all=after, print_after_change=changed)


def _pipeline(arguments: ToolArguments) -> str:
    """The arguments as one pipeline, empty if they ask for no pass. Raises BadArguments."""
    if arguments.pipeline:
        _parse(arguments.pipeline)
        return arguments.pipeline
    elements = [_nested(call) for call in arguments.passes]
    return f"builtin.module({','.join(elements)})" if elements else ""


def _nested(call: PassCall) -> str:
    """The pass as an element of a module's pipeline: on functions, if that is where it belongs."""
    element = f"{call.name}{{{call.options}}}" if call.options else call.name
    try:
        with _context():
            PassManager.parse(f"builtin.module({element})")
        return element
    except ValueError as error:
        match = _RESTRICTED.search(str(error))
        if not match:
            raise _explained(error) from error
        element = f"{match[1]}({element})"
    _parse(f"builtin.module({element})")
    return element


def _parse(pipeline: str) -> None:
    try:
        with _context():
            PassManager.parse(pipeline)
    except ValueError as error:
        raise _explained(error) from error


@functools.cache
def _context() -> ir.Context:
    return torch_mlir.ir.Context()


def _explained(error: ValueError) -> BadArguments:
    """What MLIR says of a pipeline's text, with the name that was meant."""
    text = str(error).strip()
    if match := _UNKNOWN_PASS.search(text):
        return BadArguments(unknown_flag(TOOL, match[1], _known_passes()))
    if match := _UNKNOWN_OPTION.search(text):
        owner = _FAILED_TO_ADD.search(text)
        name = owner[1] if owner else "the pass"
        return BadArguments(f"{TOOL}: {name} has no option {match[1]!r}{did_you_mean(match[1], _options_of(name))}")
    return BadArguments(f"{TOOL}: {text.splitlines()[0]}")


def _options_of(name: str) -> list[str]:
    """MLIR spells out what a pass takes when it prints it."""
    with contextlib.suppress(ValueError, BadArguments), _context():
        printed = str(PassManager.parse(f"builtin.module({_nested(PassCall(name))})"))
        return re.findall(r"([\w.-]+)=", printed)
    return []


@functools.cache
def _known_passes() -> list[str]:
    """The program in the wheel can list them; the bindings cannot."""
    program = os.path.join(os.path.dirname(torch_mlir.ir.__file__), "_mlir_libs", TOOL)
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        listed = subprocess.run([program, "--list-passes"], capture_output=True, text=True, timeout=20, check=True)
        return _LISTED.findall(listed.stdout)
    return []

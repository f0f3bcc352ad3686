"""Reads MLIR back that a stage has left or that the user has written.

Called in the processes of stages.
"""

from __future__ import annotations

from irlens_worker.given_text import GivenText
from irlens_worker.protocol import Diagnostic
from irlens_worker.provider import StageFailed
from torch_mlir import ir
from torch_mlir.passmanager import PassManager

from .importer import new_context
from .mlir_errors import error_diagnostics

_BYTECODE = b"ML\xefR"
# Whose dialects a text may be in: to load a pass loads what it makes. Bindings know only the torch dialect.
_PASSES_WITH_DIALECTS = (
    "builtin.module(torch-func-backend-type-conversion,stablehlo-legalize-to-linalg,"
    "func.func(convert-torch-to-tmtensor,convert-torch-to-stablehlo))"
)


def read_module(given: GivenText, allow_unregistered: bool = False) -> ir.Module:
    """Parses the text; what has no location there is located in the user's file. Raises StageFailed."""
    context = new_context()
    context.allow_unregistered_dialects = allow_unregistered
    _load_dialects(context)
    data = given.read_bytes()
    text = data if data.startswith(_BYTECODE) else given.decode(data)
    try:
        module = ir.Module.parse(text, context)
        if given.name:
            module = ir.Module.parse(_named(module, given.name), context)
    except ir.MLIRError as error:
        raise StageFailed(_placed(error_diagnostics(error), given)) from error
    return module


def _load_dialects(context: ir.Context) -> None:
    with context:
        empty = ir.Module.create(ir.Location.unknown(context))
        PassManager.parse(_PASSES_WITH_DIALECTS).run(empty.operation)


def _named(module: ir.Module, name: str) -> str:
    """The module's text in which the parser's own name of it is the file's."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return str(module.operation.get_asm(enable_debug_info=True)).replace('("-":', f'("{escaped}":')


def _placed(diagnostics: list[Diagnostic], given: GivenText) -> list[Diagnostic]:
    """The same, of the user's file instead of the parser's input."""
    for diagnostic in diagnostics:
        diagnostic.frames = [given.frame(frame) for frame in diagnostic.frames] or given.place
        diagnostic.notes = [(text, [given.frame(frame) for frame in frames]) for text, frames in diagnostic.notes]
    return diagnostics

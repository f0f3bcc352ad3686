"""The steps of torch-mlir: import to the torch dialect, then textual pass pipelines.

Called in the process of a stage; it works on that process's own copy of the module.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass
from typing import Any

from irlens_worker import limits
from irlens_worker.artifacts import StageResult
from irlens_worker.given_text import GivenText
from irlens_worker.protocol import Diagnostic, Row
from irlens_worker.provider import Context, StageFailed
from torch_mlir import ir
from torch_mlir.passmanager import PassManager

from ..capture.export import Exported
from .explain import explain_failure
from .importer import import_program, new_context
from .loops import hide_first_tests
from .mlir_errors import error_diagnostics
from .pass_pipeline import flatten_pipeline, pass_name
from .read_text import read_module
from .retry import variants
from .tm_tensor import rewrite_tensor_operations

_MEMORY_MB = 512


@dataclass
class Lowered:
    """A module in this process's memory."""

    module: ir.Module
    # How it was made, for a stage that needs the program in other terms; None if it was read.
    exported: Exported | None = None
    pipelines: tuple[str, ...] = ()


def load_module(given: GivenText) -> Lowered:
    """Parses a text back. Raises StageFailed."""
    return Lowered(read_module(given))


def make_mlir(row: Row, state: Exported | Lowered, context: Context) -> StageResult:
    """Executes the steps of a row in order. Raises StageFailed."""
    pipelines = tuple(step["torch-mlir"] for step in row.steps if "torch-mlir" in step)
    before: Any = None
    try:
        if isinstance(state, Exported):
            module = import_program(state.program, state.call, context.weights, context.literal_limit)
        else:
            module = state.module
        before = module.operation.clone()
        _lower(module, pipelines, row.backend, context)
        note = ""
    except StageFailed as failure:
        made = _retry(row, state, context, pipelines, failure)
        if made is None:
            raise StageFailed(*_explain(row, before, pipelines, failure, context)) from failure
        module, note = made
    exported = state if isinstance(state, Exported) else state.exported
    earlier = () if isinstance(state, Exported) else state.pipelines
    if exported is state:
        note = "; ".join(filter(None, [exported.note, note]))
    return StageResult(
        text=print_module(module),
        summary={"ops": count_operations(module)},
        state=Lowered(module, exported, earlier + pipelines),
        note=note,
    )


def _retry(
    row: Row, state: Exported | Lowered, context: Context, pipelines: tuple[str, ...], failure: StageFailed
) -> tuple[ir.Module, str] | None:
    """Makes the stage from the program in other terms; the module and what to say about it."""
    exported = state if isinstance(state, Exported) else state.exported
    earlier = () if isinstance(state, Exported) else state.pipelines
    if exported is None:
        return None
    for variant in variants(exported, row.backend, failure):
        limits.limit_memory(context.memory_mb)
        try:
            program, call = variant.program(), exported.call
            module = import_program(program, call, context.weights, context.literal_limit, variant.table)
            _lower(module, earlier, "", context)
            _lower(module, pipelines, row.backend, context)
        except StageFailed as next_failure:
            variant.failure = next_failure
        except Exception as error:  # the way round is not passable; the first failure counts
            print(f"{row.id}, {variant.note}: {type(error).__name__}: {error}", file=sys.stderr)
        else:
            return module, variant.note
    return None


def _lower(module: ir.Module, pipelines: tuple[str, ...], backend: str, context: Context) -> None:
    """Runs pipelines, which lead to the backend if there is one. Raises StageFailed."""
    if context.weights == "names":
        # Without weights a module is small; what allocates more than this does not end.
        enough = _MEMORY_MB + count_operations(module) // 20
        limits.limit_memory(min(context.memory_mb, enough))
    if backend == "linalg":
        hide_first_tests(module)
    for pipeline in pipelines:
        run_pipeline(module, pipeline)
        rewrite_tensor_operations(module)


def _explain(
    row: Row, before: Any, pipelines: tuple[str, ...], failure: StageFailed, context: Context
) -> tuple[list[Diagnostic], str | None]:
    """All that the pipeline could not lower, and the text before the pass that fails."""
    if before is None or len(pipelines) != 1:
        return failure.diagnostics, failure.text
    failed_pass, text = find_failing_pass(_copy(before), pipelines[0])
    for diagnostic in failure.diagnostics:
        diagnostic.pass_name = failed_pass
    return explain_failure(_copy(before), pipelines[0], row.id, failure.diagnostics), text


def _copy(operation: Any) -> ir.Module:
    return ir.Module.parse(str(operation.get_asm(enable_debug_info=True)), operation.context)


def find_failing_pass(module: ir.Module, pipeline: str) -> tuple[str, str]:
    """Runs a pipeline pass by pass; returns the one that fails and the text before it."""
    text = print_module(module)
    for step in flatten_pipeline(pipeline, module.context):
        try:
            run_pipeline(module, step)
        except StageFailed:
            return pass_name(step), text
        text = print_module(module)
    return "", text


def run_pipeline(module: ir.Module, pipeline: str) -> None:
    """Runs a pass pipeline on a module. Raises StageFailed with what MLIR says."""
    try:
        with module.context:
            PassManager.parse(pipeline).run(module.operation)
    except ir.MLIRError as error:
        raise StageFailed(error_diagnostics(error)) from error
    except (RuntimeError, ValueError) as error:  # the pipeline's text
        raise StageFailed([Diagnostic(f"{pipeline}: {error}")]) from error


def print_module(module: ir.Module) -> str:
    """The module's text with its debug info."""
    return str(module.operation.get_asm(enable_debug_info=True))


def count_operations(module: ir.Module) -> int:
    """How many operations a module has, without functions, their returns and itself."""
    counts: Counter[str] = Counter()

    def visit(operation: Any) -> Any:
        counts[operation.operation.name] += 1
        return ir.WalkResult.ADVANCE

    module.operation.walk(visit)
    for name in ("builtin.module", "func.func", "func.return"):
        counts.pop(name, None)
    return counts.total()


def warm_up(exported: Exported) -> None:
    """Runs each kind of pipeline once; what that builds is inherited by later forks."""
    module = import_program(exported.program, exported.call, "names", 4)
    run_pipeline(
        module,
        "builtin.module(func.func(torch-match-quantized-custom-ops),"
        "torchdynamo-export-to-torch-backend-pipeline{backend-legal-ops=aten.flatten.using_ints extra-library=})",
    )
    text = print_module(module)
    count_operations(module)
    for target in ("linalg-on-tensors", "tosa", "stablehlo"):
        clone = ir.Module.parse(text, new_context())
        run_pipeline(clone, f"builtin.module(torch-backend-to-{target}-backend-pipeline)")
        print_module(clone)

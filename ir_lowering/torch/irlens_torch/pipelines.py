"""The steps of torch-mlir: import to the torch dialect, then textual pass pipelines.

Called in the process of a stage; it works on that process's own copy of the module.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from irlens_worker.artifacts import StageResult
from irlens_worker.protocol import Diagnostic, Row
from irlens_worker.provider import Context, StageFailed
from torch_mlir import ir
from torch_mlir.passmanager import PassManager

from .export import Exported
from .importer import import_program, new_context
from .mlir_locations import location_frames


@dataclass
class Lowered:
    """A module in this process's memory."""

    module: ir.Module


def load_module(path: Path) -> Lowered:
    """Parses a stage's raw text back. Raises StageFailed."""
    context = new_context()
    try:
        return Lowered(ir.Module.parse(path.read_text(), context))
    except (OSError, ir.MLIRError) as error:
        raise StageFailed([Diagnostic(f"cannot read {path.name}: {error}")]) from error


def make_mlir(row: Row, state: Exported | Lowered, context: Context) -> StageResult:
    """Executes the steps of a row in order. Raises StageFailed."""
    module: ir.Module | None = state.module if isinstance(state, Lowered) else None
    for step in row.steps:
        if step.get("capture") == "torch":
            assert isinstance(state, Exported)
            module = import_program(state, context.weights, context.literal_limit)
        elif "torch-mlir" in step:
            assert module is not None
            run_pipeline(module, step["torch-mlir"])
        else:
            raise StageFailed([Diagnostic(f"unknown step {next(iter(step))!r}")])
    assert module is not None
    return StageResult(
        text=print_module(module),
        summary={"ops": count_operations(module)},
        state=Lowered(module),
    )


def run_pipeline(module: ir.Module, pipeline: str) -> None:
    """Runs a pass pipeline on a module. Raises StageFailed with what MLIR says."""
    errors: list[Diagnostic] = []
    context = module.context

    def on_diagnostic(diagnostic: ir.Diagnostic) -> bool:
        if diagnostic.severity == ir.DiagnosticSeverity.ERROR:
            notes = [(note.message, location_frames(note.location)) for note in diagnostic.notes]
            errors.append(
                Diagnostic(
                    diagnostic.message, location_frames(diagnostic.location), notes=notes
                )
            )
        return True

    handler = context.attach_diagnostic_handler(on_diagnostic)
    try:
        with context:
            PassManager.parse(pipeline).run(module.operation)
    except (ir.MLIRError, RuntimeError, ValueError) as error:
        if not errors:
            errors.append(Diagnostic(str(error)))
        raise StageFailed(errors) from error
    finally:
        handler.detach()


def print_module(module: ir.Module) -> str:
    """The module's text with its debug info."""
    return str(module.operation.get_asm(enable_debug_info=True))


def count_operations(module: ir.Module) -> int:
    """How many operations a module has, without functions, their returns and itself."""
    counts: Counter[str] = Counter()

    def visit(operation: Any) -> Any:
        counts[operation.name] += 1
        return ir.WalkResult.ADVANCE

    module.operation.walk(visit)
    for name in ("builtin.module", "func.func", "func.return"):
        counts.pop(name, None)
    return counts.total()


def warm_up(exported: Exported) -> None:
    """Runs each kind of pipeline once; what that builds is inherited by later forks."""
    module = import_program(exported, "names", 4)
    run_pipeline(
        module,
        "builtin.module(func.func(torch-match-quantized-custom-ops),"
        "torchdynamo-export-to-torch-backend-pipeline{ extra-library=})",
    )
    text = print_module(module)
    count_operations(module)
    for target in ("linalg-on-tensors", "tosa", "stablehlo"):
        clone = ir.Module.parse(text, new_context())
        run_pipeline(clone, f"builtin.module(torch-backend-to-{target}-backend-pipeline)")
        print_module(clone)

"""The Triton provider: which step is done by which module, and what is installed.

Called by irlens_worker: `warm` in the zygote, all else in forked children.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import sys
import traceback
from pathlib import Path
from typing import Any

from irlens_worker.artifacts import StageResult
from irlens_worker.frames import exception_diagnostic, register_own_folder
from irlens_worker.given_text import GivenText
from irlens_worker.protocol import Diagnostic, Json, Row
from irlens_worker.provider import Context, Discovery, EmptyDiscovery, Entry, StageFailed
from irlens_worker.script import Source
from irlens_worker.tool_process import ToolOutput
from irlens_worker.tool_stage import Tool

from .discover import ir_files
from .discover.discovery import TritonDiscovery, is_installed, mentions_triton
from .read import hsaco

INSTALL = "pip install triton==3.9.0"
_STEP = "triton"

register_own_folder(__file__)

# What most files of kernels do: make tensors, launch, compare with what torch says.
_SAMPLE = """\
import torch
import triton
import triton.language as tl

@triton.jit
def scale(x_ptr, y_ptr, out_ptr, n, factor, BLOCK: tl.constexpr):
    offsets = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    mask = offsets < n
    x = tl.load(x_ptr + offsets, mask=mask)
    y = tl.load(y_ptr + offsets, mask=mask)
    tl.store(out_ptr + offsets, (x + y) * factor, mask=mask)

def run(x, y, factor):
    out = torch.empty_like(x)
    n = out.numel()
    scale[(triton.cdiv(n, 1024),)](x, y, out, n, factor, BLOCK=1024)
    return out

if __name__ == "__main__":
    x, y = torch.rand(4096, device="cuda"), torch.rand(4096, device="cuda")
    torch.testing.assert_close(run(x, y, 2.0), (x.half() + y.half()) * 2.0)
"""


def _run_opt(step: Json, given: GivenText) -> ToolOutput:
    from .compile.opt_tool import run_in_process

    return run_in_process(step, given)


def _run_llvm_opt(step: Json, given: GivenText) -> ToolOutput:
    from .compile.llvm_opt_tool import run_in_process

    return run_in_process(step, given)


_TOOLS = {
    "triton-opt": Tool("triton-opt", "TRITON_OPT_PATH", _run_opt, ("--mlir-print-debuginfo",)),
    "triton-llvm-opt": Tool("triton-llvm-opt", "TRITON_OPT_PATH", _run_llvm_opt),
}


class TritonProvider:
    """See irlens_worker.provider.Provider."""

    def __init__(self) -> None:
        self._missing = {} if is_installed() else {"triton": INSTALL}
        self._problem = ""

    def missing(self) -> dict[str, str]:
        missing = dict(self._missing)
        if hsaco.find_objdump() is None:
            missing[hsaco.PART] = hsaco.INSTALL
        return missing

    def tools(self) -> dict[str, str]:
        return {} if self._missing else {"triton": _version()}

    def steps(self) -> list[str]:
        return [] if self._missing else [_STEP, *_TOOLS]

    def site(self) -> list[str]:
        spec = None if self._missing else importlib.util.find_spec("triton")
        folders = spec.submodule_search_locations if spec else None
        return sorted({str(Path(folder).parent) for folder in folders or []})

    def warm(self) -> None:
        if self._missing:
            return
        from . import warm

        try:
            warm.warm_up()
        except Exception as error:  # an unsuitable version, or a broken installation
            traceback.print_exc()
            self._problem = f"{type(error).__name__}: {error}"
            self._missing["triton"] = INSTALL

    def seed(self, seed: int) -> None:
        pass

    def reads(self, path: str) -> bool:
        return path.endswith((".py", *ir_files.EXTENSIONS))

    def handles(self, row: Row) -> bool:
        return row.tool in _TOOLS or any(_STEP in step for step in row.steps)

    def lacks(self, row: Row) -> tuple[str, str] | None:
        if row.tool:
            lacks = "triton" in self._missing and not _TOOLS[row.tool].has_binary(row)
            return ("triton", self._missing["triton"]) if lacks else None
        steps = [step[_STEP] for step in row.steps if _STEP in step]
        if steps and "triton" in self._missing:
            return "triton", self._missing["triton"]
        if any(step["stage"] == "hsaco" for step in steps) and hsaco.find_objdump() is None:
            return hsaco.PART, hsaco.INSTALL
        return None

    def saved(self, path: Path) -> list[Entry] | None:
        return None

    def discovery(self, source: Source, seed: int, claimed_lines: set[int]) -> Discovery:
        if self._missing:
            return _NoTriton(source, self._missing["triton"], self._problem)
        if source.path.endswith(ir_files.EXTENSIONS):
            return ir_files.FileDiscovery(source)
        return TritonDiscovery(source, claimed_lines)

    def samples(self) -> list[str]:
        # Without torch there are no tensors to launch with.
        return [_SAMPLE] if "triton" not in self._missing and "torch" in sys.modules else []

    def prerequisite(self, row: Row) -> str | None:
        return None

    def loader(self, row: Row) -> str | None:
        # A target has a compilation of its own.
        return None if row.tool else next(step[_STEP]["target"] for step in row.steps if _STEP in step)

    def prepare(self, name: str, start: Any, context: Context) -> object:
        from .compile.resume import resume

        return resume(start, name)

    def is_quick(self, row: Row) -> bool:
        return not row.tool

    def comes_last(self, row: Row) -> bool:
        # What the targets' own stages compile need not be compiled again.
        return any(step.get(_STEP, {}).get("stage") == "resources" for step in row.steps)

    def make(self, row: Row, state: Any, context: Context) -> StageResult:
        if row.tool:
            from .compile.resume import carry_on

            result = _TOOLS[row.tool].make(row, state)
            result.resume = carry_on(state, result.text or "")
            return result
        from .stages import make_stage, make_table

        if isinstance(state, Entry):
            made = context.out / state.name if context.out else None
            table = make_table(row.steps[0].get(_STEP, {}), state.payload, made)
            if table is not None:
                return table
            state = state.payload
        for step in row.steps:
            if _STEP in step:
                return make_stage(step[_STEP]["stage"], step[_STEP]["target"], state, row.id in context.passes)
        raise StageFailed([Diagnostic(f"unknown step {next(iter(row.steps[0]))!r}")])

    def explain(self, row: Row, state: Any, context: Context) -> StageFailed | None:
        if row.tool:
            return _TOOLS[row.tool].explain(row, state)
        from .crash import explain_crash

        if isinstance(state, Entry):
            state = state.payload
        step = row.steps[0][_STEP]
        return explain_crash(step["stage"], step["target"], state, row.id in context.passes)


def _version() -> str:
    try:
        return importlib.metadata.version("triton")
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


class _NoTriton(EmptyDiscovery):
    """Stands in for the discovery when there is nothing to discover with."""

    def __init__(self, source: Source, command: str, problem: str) -> None:
        super().__init__()
        try:
            is_about = source.path.endswith(ir_files.EXTENSIONS) or mentions_triton(source)
        except (SyntaxError, ValueError) as error:
            self.diagnostics.append(exception_diagnostic(error))
            return
        if is_about:
            lines = source.data.decode(errors="replace").splitlines()
            line = next((number for number, text in enumerate(lines, 1) if "import triton" in text), 1)
            reason = f"cannot be used ({problem})" if problem else "is not installed"
            text = f"Triton {reason} for {sys.executable}: {command}"
            self.diagnostics.append(Diagnostic(text, [(source.path, line, 1)]))

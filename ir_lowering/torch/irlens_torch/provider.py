"""The torch provider: which step is done by which module, and what is installed.

Called by irlens_worker: `warm` in the zygote, all else in forked children.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from irlens_worker.artifacts import StageResult
from irlens_worker.frames import exception_diagnostic, is_library_file
from irlens_worker.given_text import GivenText
from irlens_worker.protocol import Diagnostic, Frame, Json, Row
from irlens_worker.provider import Context, Discovery, EmptyDiscovery, Entry, StageFailed
from irlens_worker.script import Source
from irlens_worker.tool_process import ToolOutput
from irlens_worker.tool_stage import Tool

from .capture import captures

# The versions that this was made with; newer ones may work.
_INSTALL = {
    "torch": "pip install torch==2.15.0",
    "torch-mlir": "pip install torch-mlir==20261001",
    "triton": "pip install triton==3.9.0",  # for its device libraries, which irlens-mlir links
}
_IMPORT = re.compile(r"\s*(import|from)\s+torch\b")
_CAPTURES = ("output", "torch", "reference", *captures.FROM_CALL, *captures.FROM_WORK)
_MODULES = {"torch": "torch", "torch-mlir": "torch_mlir", "triton": "triton"}

_SAMPLE = """\
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 4)

    def forward(self, x):
        return torch.relu(self.layer(x))

Net()(torch.randn(1, 4))
"""


def _run_opt(step: Json, given: GivenText) -> ToolOutput:
    from .lower.opt_tool import run_in_process

    return run_in_process(step, given)


_OPT = Tool("torch-mlir-opt", "TORCH_MLIR_OPT_PATH", _run_opt, ("--mlir-print-debuginfo",))


class TorchProvider:
    """See irlens_worker.provider.Provider."""

    def __init__(self) -> None:
        self._missing = {part: _INSTALL[part] for part, module in _MODULES.items() if not _importable(module)}

    def missing(self) -> dict[str, str]:
        return dict(self._missing)

    def tools(self) -> dict[str, str]:
        found = {"python": sys.version.split()[0]}
        for part in _MODULES:
            if part not in self._missing:
                found[part] = _version(part)
        return found

    def steps(self) -> list[str]:
        return ["capture", *([] if "torch-mlir" in self._missing else ["torch-mlir", _OPT.name])]

    def site(self) -> list[str]:
        folders = set()
        for part, module in _MODULES.items():
            spec = None if part in self._missing else importlib.util.find_spec(module)
            for folder in (spec.submodule_search_locations or []) if spec else []:
                folders.add(str(Path(folder).parent))
        return sorted(folders)

    def warm(self) -> None:
        from . import warm

        for part in warm.warm_up("torch" not in self._missing, "torch-mlir" not in self._missing):
            self._missing[part] = _INSTALL[part]

    def seed(self, seed: int) -> None:
        torch = sys.modules.get("torch")
        if torch is not None:
            # torch.manual_seed also notes tracebacks for accelerators that are not there: 6 ms.
            torch.default_generator.manual_seed(seed)

    def reads(self, path: str) -> bool:
        return path.endswith(".py")

    def handles(self, row: Row) -> bool:
        return row.capture in _CAPTURES or row.tool == _OPT.name or any("torch-mlir" in step for step in row.steps)

    def lacks(self, row: Row) -> tuple[str, str] | None:
        if row.tool:
            lacks = "torch-mlir" in self._missing and not _OPT.has_binary(row)
            return ("torch-mlir", self._missing["torch-mlir"]) if lacks else None
        needs = [] if row.capture == "output" else ["torch"]
        if row.capture in ("torch", "reference") or any("torch-mlir" in step for step in row.steps):
            needs.append("torch-mlir")
        for part in needs:
            if part in self._missing:
                return part, self._missing[part]
        return None

    def discovery(self, source: Source, seed: int, claimed_lines: set[int]) -> Discovery:
        if "torch" in self._missing:
            return _NoTorch(source, self._missing["torch"])
        from .discover.discovery import TorchDiscovery

        return TorchDiscovery(source, seed, claimed_lines)

    def saved(self, path: Path) -> list[Entry] | None:
        if path.suffix != ".pt2" or "torch" in self._missing:
            return None
        from .discover.saved_program import load_entries

        return load_entries(path)

    def samples(self) -> list[str]:
        return [] if "torch" in self._missing else [_SAMPLE]

    def prerequisite(self, row: Row) -> str | None:
        return captures.shared_work(row.capture)

    def loader(self, row: Row) -> str | None:
        return None if row.tool else "load"

    def prepare(self, name: str, start: Any, context: Context) -> object:
        if name == "load":
            from .lower.pipelines import load_module

            return load_module(start)
        if start.origin == "exported":
            return start.payload  # as it was loaded
        with _blaming(start.payload, captures=True):
            return captures.PREPARATIONS[name](start.payload)

    def is_quick(self, row: Row) -> bool:
        return False

    def comes_last(self, row: Row) -> bool:
        return False

    def make(self, row: Row, state: Any, context: Context) -> StageResult:
        if row.tool:
            return _OPT.make(row, state)
        if row.capture in captures.FROM_CALL:
            with _blaming(state.payload, captures=True):
                return captures.FROM_CALL[row.capture](state.payload)
        if row.capture in captures.FROM_WORK:
            with _blaming(state.call):
                return captures.FROM_WORK[row.capture].make(state)
        if row.capture == "reference":
            from .check.reference import make_reference

            with _blaming(state.call):
                return make_reference(state, context)
        from .lower.pipelines import make_mlir

        with _blaming(getattr(state, "call", None)):
            return make_mlir(row, state, context)

    def explain(self, row: Row, state: Any, context: Context) -> StageFailed | None:
        if row.tool:
            return _OPT.explain(row, state)
        from .lower.explain import explain_crash

        return explain_crash(row, state)


@contextlib.contextmanager
def _blaming(call: Any, captures: bool = False) -> Iterator[None]:
    """Places errors that no line of the user's is known for on the line of the call.

    `captures`: the call itself is made here, and may be what is wrong.
    """
    frames: list[Frame] = call.frames if call else []
    try:
        yield
    except StageFailed as failure:
        for diagnostic in failure.diagnostics:
            _add_call(diagnostic, frames)
        raise
    except MemoryError:
        raise
    except BaseException as error:
        full = "can't allocate memory" in str(error)
        diagnostic = _explain(error, call) if captures and not full else exception_diagnostic(error)
        _add_call(diagnostic, frames)
        raise StageFailed([diagnostic], status="memory" if full else "failed") from error


def _explain(error: BaseException, call: Any) -> Diagnostic:
    from .discover.fit import explain_call

    return explain_call(error, call)


def _add_call(diagnostic: Diagnostic, call: list[Frame]) -> None:
    if all(is_library_file(file) for file, _, _ in diagnostic.frames):
        diagnostic.frames = diagnostic.frames + call


class _NoTorch(EmptyDiscovery):
    """Stands in for the discovery when there is nothing to discover with."""

    def __init__(self, source: Source, command: str) -> None:
        super().__init__()
        lines = source.data.decode(errors="replace").splitlines()
        words = (number for number, line in enumerate(lines, 1) if _IMPORT.match(line))
        text = f"PyTorch is not installed for {sys.executable}: {command}"
        self.diagnostics.append(Diagnostic(text, [(source.path, next(words, 1), 1)]))


def _importable(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def _version(part: str) -> str:
    try:
        return importlib.metadata.version(part)
    except importlib.metadata.PackageNotFoundError:
        return "unknown"

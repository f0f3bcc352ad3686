"""Gives what the stages yield to the tools that are made for it: a document that its own
compiler cannot read is no document. A tool that is not installed is no judge: the test
then says who was missing.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from lowering import Family

_DIALECT = re.compile(r"^\s*(?:%\S+(?::\d+)? = )?\"?([a-z_]\w*)\.[a-z]", re.MULTILINE)
_SEPARATOR = "\n// -----\n"


@dataclass
class Verdict:
    """What the judges say of the documents of a family."""

    complaints: list[str] = field(default_factory=list)
    absent: set[str] = field(default_factory=set)  # judges that are not installed


def judge(family: Family) -> Verdict:
    verdict = Verdict()
    for stage, tool in (
        ("torch", "torch-mlir-opt"), ("tosa", "torch-mlir-opt"), ("linalg", "mlir-opt"), ("llvm-dialect", "mlir-opt"),
    ):  # fmt: skip
        _parse_mlir(verdict, _documents(family, stage), stage, tool)
    # torch-mlir-opt does not know the shape dialect, which belongs to dynamic StableHLO.
    _read_with_bindings(verdict, _documents(family, "stablehlo"))
    for document in _documents(family, "llvm-dialect"):
        foreign = set(_DIALECT.findall(document.read_text())) - {"llvm", "module", "builtin"}
        if foreign:
            verdict.complaints.append(f"{_name(document)} has operations of {', '.join(sorted(foreign))}")
    for document in _documents(family, "llvm-ir"):
        _ask(verdict, "llvm-as", ["-o", "/dev/null", str(document)], _name(document))
    for document in _documents(family, "nvptx")[:1]:
        _ask(verdict, "ptxas", ["--gpu-name", "sm_90", "-c", "-o", "/dev/null", str(document)], _name(document))
    return verdict


def _documents(family: Family, stage: str) -> list[Path]:
    return family.texts.get(stage, [])


def _name(document: Path) -> str:
    return f"{document.parent.name}/{document.name}"


def _parse_mlir(verdict: Verdict, documents: list[Path], stage: str, tool: str) -> None:
    """Parses all documents in one process, and again one by one if that fails."""
    if not documents:
        return
    text = _SEPARATOR.join(document.read_text() for document in documents)
    together = Verdict()
    _ask(together, tool, ["--split-input-file", "-o", "/dev/null"], stage, text)
    verdict.absent |= together.absent
    for document in documents if together.complaints else []:
        _ask(verdict, tool, [str(document), "-o", "/dev/null"], _name(document))


def _read_with_bindings(verdict: Verdict, documents: list[Path]) -> None:
    """A context knows the dialects of a pass that has run in it."""
    if not documents:
        return
    if importlib.util.find_spec("torch_mlir") is None:
        verdict.absent.add("torch_mlir")
        return
    from torch_mlir import ir
    from torch_mlir.dialects import torch as torch_dialect
    from torch_mlir.passmanager import PassManager

    with ir.Context() as context:
        torch_dialect.register_dialect(context)
        module = ir.Module.parse("func.func private @f()")
        PassManager.parse("builtin.module(func.func(convert-torch-to-stablehlo))").run(module.operation)
        for document in documents:
            try:
                ir.Module.parse(document.read_text())
            except ir.MLIRError as error:
                verdict.complaints.append(f"{_name(document)}: {str(error)[:400]}")


def _ask(verdict: Verdict, tool: str, arguments: list[str], what: str, text: str = "") -> None:
    path = _JUDGES[tool](tool)
    if not path:
        verdict.absent.add(tool)
        return
    done = subprocess.run([path, *arguments], input=text, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        verdict.complaints.append(f"{what}: {done.stderr.strip()[:400]}")


def _llvm(tool: str) -> str | None:
    return shutil.which(f"{tool}-22") or shutil.which(tool, path="/usr/lib/llvm-22/bin")


def _beside_python(tool: str) -> str | None:
    path = Path(sys.executable).with_name(tool)
    return str(path) if path.exists() else None


def _ptxas(tool: str) -> str | None:
    spec = importlib.util.find_spec("triton")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / "backends" / "nvidia" / "bin" / tool
        if path.exists():
            return str(path)
    return None


# Where each judge is looked for.
_JUDGES = {
    "torch-mlir-opt": _beside_python,
    "mlir-opt": _llvm,
    "llvm-as": _llvm,
    "ptxas": _ptxas,
}

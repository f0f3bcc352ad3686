"""Gives what the stages yield to the tools that are made for it: a document that its own
compiler cannot read is no document. A tool that is not installed is no judge.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

from lowering import Family

_DIALECT = re.compile(r"^\s*(?:%\S+(?::\d+)? = )?\"?([a-z_]\w*)\.[a-z]", re.MULTILINE)
_SEPARATOR = "\n// -----\n"


def complaints(family: Family) -> list[str]:
    """What is wrong with the documents of a family, a line each."""
    found = []
    for stage, tool in (
        ("torch", _beside_python("torch-mlir-opt")), ("tosa", _beside_python("torch-mlir-opt")),
        ("linalg", _llvm("mlir-opt")), ("llvm-dialect", _llvm("mlir-opt")),
    ):  # fmt: skip
        found += _parse_mlir(_documents(family, stage), stage, tool)
    # torch-mlir-opt does not know the shape dialect, which belongs to dynamic StableHLO.
    found += _read_with_bindings(_documents(family, "stablehlo"))
    for document in _documents(family, "llvm-dialect"):
        foreign = set(_DIALECT.findall(document.read_text())) - {"llvm", "module", "builtin"}
        if foreign:
            found.append(f"{_name(document)} has operations of {', '.join(sorted(foreign))}")
    for document in _documents(family, "llvm-ir"):
        found += _run([_llvm("llvm-as"), "-o", "/dev/null", str(document)], _name(document))
    for document in _documents(family, "nvptx")[:1]:
        found += _run([_ptxas(), "--gpu-name", "sm_90", "-c", "-o", "/dev/null", str(document)], _name(document))
    return found


def _documents(family: Family, stage: str) -> list[Path]:
    return family.texts.get(stage, [])


def _name(document: Path) -> str:
    return f"{document.parent.name}/{document.name}"


def _parse_mlir(documents: list[Path], stage: str, tool: str | None) -> list[str]:
    """Parses all documents in one process, and again one by one if that fails."""
    if not tool or not documents:
        return []
    text = _SEPARATOR.join(document.read_text() for document in documents)
    if not _run([tool, "--split-input-file", "-o", "/dev/null"], stage, text):
        return []
    return [line for document in documents for line in _run([tool, str(document), "-o", "/dev/null"], _name(document))]


def _read_with_bindings(documents: list[Path]) -> list[str]:
    """A context knows the dialects of a pass that has run in it."""
    if importlib.util.find_spec("torch_mlir") is None:
        return []
    from torch_mlir import ir
    from torch_mlir.dialects import torch as torch_dialect
    from torch_mlir.passmanager import PassManager

    found = []
    with ir.Context() as context:
        torch_dialect.register_dialect(context)
        module = ir.Module.parse("func.func private @f()")
        PassManager.parse("builtin.module(func.func(convert-torch-to-stablehlo))").run(module.operation)
        for document in documents:
            try:
                ir.Module.parse(document.read_text())
            except ir.MLIRError as error:
                found.append(f"{_name(document)}: {str(error)[:400]}")
    return found


def _run(command: list[str | None], what: str, text: str = "") -> list[str]:
    tool, *arguments = command
    if not tool:
        return []
    done = subprocess.run(
        [tool, *filter(None, arguments)], input=text, capture_output=True, text=True, timeout=120, check=False
    )
    return [f"{what}: {done.stderr.strip()[:400]}"] if done.returncode else []


def _llvm(tool: str) -> str | None:
    return shutil.which(f"{tool}-22") or shutil.which(tool, path="/usr/lib/llvm-22/bin")


def _beside_python(tool: str) -> str | None:
    path = Path(sys.executable).with_name(tool)
    return str(path) if path.exists() else None


def _ptxas() -> str | None:
    spec = importlib.util.find_spec("triton")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / "backends" / "nvidia" / "bin" / "ptxas"
        if path.exists():
            return str(path)
    return None

"""Lowering tests: RUN lines over the built programs and LLVM's own tools, one folder
per stage. tests/run.py runs them; by hand:

    IRLENS_BIN_DIR=$PWD/build/bin .venv/bin/lit -v tests/lowering

%irlens-capture runs the Python worker once (engine/worker/irlens_worker/once.py), %irlens-tool one tool
step of it (tool.py beside that).
A test that needs what is not installed says so in REQUIRES and is skipped.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import lit.formats

config: Any = globals()["config"]

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAMS = os.environ.get("IRLENS_BIN_DIR", str(ROOT / "build" / "bin"))
PYTHON = os.environ.get("IRLENS_PYTHON", sys.executable)


def llvm_tools() -> str:
    """The folder of LLVM's tools of the version that irlens links; empty without them."""
    if not shutil.which("llvm-config-22"):
        return ""
    return subprocess.check_output(["llvm-config-22", "--bindir"], text=True).strip()


config.name = "lowering"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".test", ".mlir", ".ll", ".py"]
config.excludes = ["lit.cfg.py", "inputs"]
config.test_exec_root = str(Path(PROGRAMS).parent / "tests" / "lowering")

PATH = os.pathsep.join([PROGRAMS, llvm_tools(), os.environ["PATH"]])
config.environment["PATH"] = PATH
PACKAGES = (ROOT / "engine" / "worker", ROOT / "ir_lowering" / "torch", ROOT / "triton")
config.environment["PYTHONPATH"] = os.pathsep.join(map(str, PACKAGES))
config.environment["PYTHONDONTWRITEBYTECODE"] = "1"
for name in ("HOME", "XDG_CACHE_HOME", "IRLENS_BIN_DIR", "IRLENS_PYTHON"):
    if name in os.environ:
        config.environment[name] = os.environ[name]

config.substitutions.append(("%irlens-capture", f"{PYTHON} -m irlens_worker.once"))
config.substitutions.append(("%irlens-tool", f"{PYTHON} -m irlens_worker.tool"))
config.substitutions.append(("%python", PYTHON))
config.substitutions.append(("%irlens-bin", PROGRAMS))

LLVM_TOOLS = ("clang", "mlir-opt", "mlir-translate", "mlir-lsp-server", "opt", "llc", "llvm-objdump")
for tool in (*LLVM_TOOLS, "split_text", "irlens", "irlens-mlir", "irlens-torchscript"):
    if shutil.which(tool, path=PATH):
        config.available_features.add(tool)
# The judge of PTX comes with triton.
spec = importlib.util.find_spec("triton")
for folder in spec.submodule_search_locations if spec and spec.submodule_search_locations else []:
    ptxas = Path(folder) / "backends" / "nvidia" / "bin" / "ptxas"
    if ptxas.exists():
        config.substitutions.append(("%ptxas", str(ptxas)))
        config.available_features.add("ptxas")
for module in ("torch", "torch_mlir", "triton"):
    if importlib.util.find_spec(module):
        config.available_features.add(module.replace("_", "-"))

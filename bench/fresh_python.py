"""What one would do without irlens: a script that is started after each save, exports
the model and prints the same stages, with the tools of torch-mlir and LLVM.

    fresh_python.py MODEL.py OUT
"""

from __future__ import annotations

import builtins
import re
import runpy
import subprocess
import sys
import warnings
from pathlib import Path

warnings.filterwarnings("ignore")
import torch  # noqa: E402
from torch_mlir import fx  # noqa: E402

TOOLS = "/usr/lib/llvm-22/bin/"
PASSES = (
    "canonicalize,cse,func.func(linalg-generalize-named-ops,linalg-fuse-elementwise-ops),canonicalize,cse,"
    "one-shot-bufferize{bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map},"
    "buffer-deallocation-pipeline,func.func(convert-linalg-to-loops),canonicalize,expand-strided-metadata,"
    "lower-affine,convert-scf-to-cf,arith-expand,convert-math-to-llvm,convert-math-to-libm,convert-to-llvm,"
    "reconcile-unrealized-casts,canonicalize,cse"
)
captured: list[tuple] = []


def explore(model, *inputs, **_options):
    captured.append((model, inputs))


def entry_of(path: Path) -> tuple:
    """The model and its inputs, from the call or from the comment."""
    builtins.__explore__ = explore  # type: ignore[attr-defined]
    names = runpy.run_path(str(path), run_name="__main__")
    if captured:
        return captured[0]
    for line in path.read_text(encoding="utf-8").splitlines():
        if match := re.match(r"# irlens: (\w+\(.*?\))\((.*)\)$", line):
            return eval(match[1], names), eval(f"({match[2]},)", names)
    sys.exit(f"{path} has no entry")


def main() -> None:
    path, out = Path(sys.argv[1]), Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    model, inputs = entry_of(path)
    model.eval()
    try:
        script = str(torch.jit.script(model).inlined_graph)
    except Exception:
        script = str(torch.jit.trace(model, inputs).inlined_graph)
    (out / "torchscript").write_text(script)
    program = torch.export.export(model, inputs)
    (out / "fx").write_text(program.graph_module.print_readable(print_output=False))
    for stage in ("torch", "tosa", "linalg-on-tensors", "stablehlo"):
        module = fx.export_and_import(model, *inputs, output_type=stage)
        (out / stage).write_text(module.operation.get_asm(enable_debug_info=True))
    dialect = subprocess.run(
        [TOOLS + "mlir-opt", out / "linalg-on-tensors", f"--pass-pipeline=builtin.module({PASSES})"],
        capture_output=True,
        check=True,
    ).stdout
    (out / "llvm-dialect").write_bytes(dialect)
    ir = subprocess.run([TOOLS + "mlir-translate", "--mlir-to-llvmir"], input=dialect, capture_output=True, check=True)
    (out / "llvm-ir").write_bytes(ir.stdout)


main()

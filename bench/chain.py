"""From a linalg file to x86 assembly: irlens-mlir beside a chain of LLVM's own tools that runs the same passes."""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import subprocess
import time
from pathlib import Path
from typing import Any

TOOLS = Path("/usr/lib/llvm-22/bin")
# Without weights and without memory copies the two sides run the same passes: irlens'
# own ones find nothing to do.
MODEL = """
func.func @main(%a: tensor<64x128xf32>, %b: tensor<128x32xf32>) -> tensor<64x32xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<64x32xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<64x32xf32>) -> tensor<64x32xf32>
  %product = linalg.matmul ins(%a, %b : tensor<64x128xf32>, tensor<128x32xf32>)
                           outs(%init : tensor<64x32xf32>) -> tensor<64x32xf32>
  %tanh = linalg.tanh ins(%product : tensor<64x32xf32>) outs(%empty : tensor<64x32xf32>) -> tensor<64x32xf32>
  return %tanh : tensor<64x32xf32>
}
"""
WANTED = ("llvm-dialect", "llvm-ir", "llvm-ir-opt", "x86")


def rows(root: Path) -> list[dict[str, Any]]:
    table = json.loads((root / "ir_lowering/pipelines.json").read_text(encoding="utf-8"))["stages"]
    wanted = [row for row in table if row["id"] in WANTED]
    return [json.loads(json.dumps(row).replace("{target}", row.get("target", ""))) for row in wanted]


class Worker:
    """A warm irlens-mlir."""

    def __init__(self, binary: Path) -> None:
        self.process = subprocess.Popen([binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.event()
        self.jobs = 0

    def event(self) -> dict[str, Any]:
        assert self.process.stdout
        return json.loads(self.process.stdout.readline())

    def run(self, source: Path, out: Path, stages: list[dict[str, Any]]) -> float:
        shutil.rmtree(out, ignore_errors=True)
        (out / "main").mkdir(parents=True)
        self.jobs += 1
        job = {
            "op": "run", "job": self.jobs, "kind": "lower", "entry": "main", "out": str(out), "timeout_ms": 60000,
            "input": {"stage": "linalg", "path": str(source), "format": "mlir"}, "memory_mb": 4096,
            "parallel": os.cpu_count(), "weights": "names", "stages": stages,
        }  # fmt: skip
        before = time.perf_counter()
        assert self.process.stdin
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        while self.event()["event"] != "end":
            pass
        return time.perf_counter() - before

    def close(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(10)


def chain(source: Path, out: Path, stages: list[dict[str, Any]]) -> float:
    """mlir-opt | mlir-translate | opt | llc, each stage's text kept, as one would in a script."""
    passes = re.sub(r"irlens-[a-z-]+,?", "", stages[0]["steps"][0]["mlir"])
    passes = passes.replace(",)", ")").replace("func.func(),", "")
    before = time.perf_counter()
    text = source.read_bytes()
    for name, *arguments in (
        ("mlir-opt", f"--pass-pipeline={passes}"),
        ("mlir-translate", "--mlir-to-llvmir"),
        ("opt", "-S", "-O2", "-mtriple=x86_64-unknown-linux-gnu", "-mcpu=x86-64"),
        ("llc", "-O2", "-mcpu=x86-64"),
    ):
        text = subprocess.run([TOOLS / name, *arguments], input=text, capture_output=True, check=True).stdout
        (out / name).write_bytes(text)
    return time.perf_counter() - before


def instructions(assembly: str) -> list[str]:
    """Instruction lines without comments, to compare code and not debug directives."""
    lines = (line.split("#")[0].rstrip() for line in assembly.splitlines())
    return [line for line in lines if line.startswith("\t") and not line.startswith("\t.")]


def measure_chain(work: Path, binaries: Path, root: Path, repeat: int) -> None:
    source = work / "chain.mlir"
    source.write_text(MODEL, encoding="utf-8")
    stages = rows(root)
    worker = Worker(binaries / "irlens-mlir")
    ours = statistics.median(worker.run(source, work / "chain-ours", stages) for _ in range(repeat))
    worker.close()
    (work / "chain-theirs").mkdir(exist_ok=True)
    theirs = statistics.median(chain(source, work / "chain-theirs", stages) for _ in range(repeat))
    mine = instructions((work / "chain-ours/main/x86.raw").read_text())
    peer = instructions((work / "chain-theirs/llc").read_text())
    same = f"{len(mine)} and {len(peer)} instructions"
    if sorted(mine) == sorted(peer):
        same = "the same code" if mine == peer else "the same instructions, some in another order"
    print("\n## linalg to x86 assembly, all stages kept\n\n| way | median |\n|---|---|")
    print(f"| irlens-mlir, warm | {ours * 1000:.1f} ms |")
    print(f"| mlir-opt, mlir-translate, opt, llc | {theirs * 1000:.1f} ms ({theirs / ours:.1f} x; {same}) |")

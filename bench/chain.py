"""From a linalg file to x86 assembly: irlens-mlir beside a chain of LLVM's own tools that runs the same
passes; with the built-in rows, and with the same four tools as the steps of a user's row."""

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
        # As the engine starts it (engine/toolchain.cpp).
        env = {**os.environ, "LD_BIND_NOW": "1"}
        self.process = subprocess.Popen([binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)
        self.event()
        self.jobs = 0
        time.sleep(2)  # What it does in advance while nobody asks for anything.

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


def commands(stages: list[dict[str, Any]]) -> list[list[str]]:
    """mlir-opt | mlir-translate | opt | llc, with the passes of the built-in rows."""
    passes = re.sub(r"irlens-[a-z-]+,?", "", stages[0]["steps"][0]["mlir"])
    passes = passes.replace(",)", ")").replace("func.func(),", "")
    return [
        ["mlir-opt", f"--pass-pipeline={passes}"],
        ["mlir-translate", "--mlir-to-llvmir"],
        ["opt", "-S", "-O2", "-mtriple=x86_64-unknown-linux-gnu", "-mcpu=x86-64"],
        ["llc", "-O2", "-mcpu=x86-64"],
    ]


def tool_rows(tools: list[list[str]]) -> list[dict[str, Any]]:
    """The same as the engine sends a user's row: a stage for each tool."""
    rows = []
    before = "linalg"
    for (name, *arguments), format_ in zip(tools, ("mlir", "llvm", "llvm", "asm"), strict=True):
        rows.append({"id": name, "from": before, "format": format_, "steps": [{"tool": name, "args": arguments}]})
        before = name
    return rows


def chain(source: Path, out: Path, tools: list[list[str]]) -> float:
    """One after the other, each stage's text kept, as one would in a script."""
    before = time.perf_counter()
    text = source.read_bytes()
    for name, *arguments in tools:
        text = subprocess.run([TOOLS / name, *arguments], input=text, capture_output=True, check=True).stdout
        (out / name).write_bytes(text)
    return time.perf_counter() - before


def instructions(assembly: str) -> list[str]:
    """Instruction lines without comments, to compare code and not debug directives."""
    lines = (line.split("#")[0].rstrip() for line in assembly.splitlines())
    return [line for line in lines if line.startswith("\t") and not line.startswith("\t.")]


def compared(mine: Path, theirs: Path) -> str:
    ours, peer = instructions(mine.read_text()), instructions(theirs.read_text())
    if ours == peer:
        return "the same code"
    if sorted(ours) == sorted(peer):
        return "the same instructions, some in another order"
    return f"{len(ours)} and {len(peer)} instructions"


def measure_chain(work: Path, binaries: Path, root: Path, repeat: int) -> None:
    source = work / "chain.mlir"
    source.write_text(MODEL, encoding="utf-8")
    stages = rows(root)
    tools = commands(stages)
    builtin_out, steps_out, chain_out = (work / f"chain-{name}" for name in ("builtin", "steps", "tools"))
    chain_out.mkdir(exist_ok=True)
    worker = Worker(binaries / "irlens-mlir")
    times: list[list[float]] = [[], [], []]
    for _ in range(repeat):  # In turn: the machine's other work falls on all of them.
        times[0].append(worker.run(source, builtin_out, stages))
        times[1].append(worker.run(source, steps_out, tool_rows(tools)))
        times[2].append(chain(source, chain_out, tools))
    worker.close()
    builtin, steps, theirs = map(statistics.median, times)
    result = chain_out / "llc"
    print("\n## linalg to x86 assembly, all stages kept\n\n| way | median |\n|---|---|")
    print(f"| irlens-mlir, warm, built-in rows | {builtin * 1000:.1f} ms |")
    print(f"| irlens-mlir, warm, the four tools as steps of a row | {steps * 1000:.1f} ms |")
    print(
        f"| mlir-opt, mlir-translate, opt, llc | {theirs * 1000:.1f} ms "
        f"({theirs / builtin:.1f} x; {compared(builtin_out / 'main/x86.raw', result)}. "
        f"{theirs / steps:.1f} x; {compared(steps_out / 'main/llc.raw', result)}) |"
    )

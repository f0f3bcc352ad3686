"""compare.py TOOL SPLIT_TEXT: what a tool step makes of each .mlir and .ll file of
the tests, against the tool of that name run by hand on the same text.

Both texts are compared byte for byte as people see them: without debug info, which
SPLIT_TEXT takes out. Where the tool refuses a file by hand, the step must refuse it
too, and with the same words.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

TESTS = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(TESTS / "faults"))

from mlir_worker import MlirWorker, row  # noqa: E402

LOWER_LINALG = [
    "--one-shot-bufferize=bufferize-function-boundaries", "--convert-linalg-to-loops", "--expand-strided-metadata",
    "--lower-affine", "--convert-scf-to-cf", "--convert-to-llvm", "--reconcile-unrealized-casts",
]  # fmt: skip


@dataclass(frozen=True)
class Tool:
    name: str
    extensions: tuple[str, ...]
    format: str  # of what it prints
    runs: list[list[str]]  # arguments
    by_hand: list[str] = field(default_factory=list)  # further arguments by hand


TOOLS = {
    tool.name: tool
    for tool in (
        Tool("mlir-opt", (".mlir",), "mlir", [
            [], ["--canonicalize", "--cse"], ["--allow-unregistered-dialect", "--split-input-file"],
            ["--mlir-print-op-generic"], ["--pass-pipeline=builtin.module(func.func(canonicalize),inline)"],
            ["--mlir-print-local-scope"], LOWER_LINALG,
        ]),
        Tool("mlir-translate", (".mlir",), "llvm", [["--mlir-to-llvmir"], ["--mlir-to-llvmir", "--split-input-file"]]),
        Tool("opt", (".ll",), "llvm", [
            ["-passes=instcombine,gvn"], ["-O2"], ["-O3", "-mtriple=aarch64-unknown-linux-gnu"],
            ["-passes=default<Os>", "-mtriple=x86_64-unknown-linux-gnu", "-mcpu=skylake"],
        ], ["-S"]),
        Tool("llc", (".ll",), "asm", [
            [], ["-O0", "-mtriple=x86_64-unknown-linux-gnu"],
            ["-O3", "-mtriple=x86_64-unknown-linux-gnu", "-mcpu=skylake", "-relocation-model=pic"],
            ["-mtriple=aarch64-unknown-linux-gnu", "-mattr=+sve"], ["-march=nvptx64", "-mcpu=sm_80"],
            ["-mtriple=amdgcn-amd-amdhsa", "-mcpu=gfx942"], ["-asm-verbose=0"],
        ]),
    )
}  # fmt: skip


def run_by_hand(tool: Tool, arguments: list[str], text: bytes) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([tool.name, *arguments, *tool.by_hand], input=text, capture_output=True, timeout=120)


def without_debug_info(split_text: str, format: str, path: Path) -> bytes:
    return subprocess.check_output([split_text, format, str(path)])


def errors_in(words: str) -> list[str]:
    """The messages, without the places, and what the tool calls itself."""
    return [line.split("error: ", 1)[1] for line in words.splitlines() if "error: " in line]


def compare(tool: Tool, split_text: str, worker: MlirWorker, folder: Path, file: Path, arguments: list[str]) -> str:
    """What differs; empty if nothing does."""
    by_hand = run_by_hand(tool, arguments, file.read_bytes())
    stage = row("step", "in", {"tool": tool.name, "args": arguments}, format=tool.format)
    events = worker.finish(worker.lower(file, folder, stage))
    status = next(e["status"] for e in events if e["event"] == "stage" and e["status"] != "running")
    words = folder / "Net/step.stderr"
    said = words.read_text() if words.exists() else ""
    words.unlink(missing_ok=True)
    if by_hand.returncode != 0:
        if status == "ok":
            return "the step accepts what the tool refuses"
        expected = errors_in(by_hand.stderr.decode())
        return "" if errors_in(said) == expected else f"by hand: {expected}\nstep: {errors_in(said)}"
    if status != "ok":
        return f"the step has failed ({status}): {said}"
    hand = folder / "by-hand"
    hand.write_bytes(by_hand.stdout)
    ours = without_debug_info(split_text, tool.format, folder / "Net/step.raw")
    theirs = without_debug_info(split_text, tool.format, hand)
    if ours == theirs:
        return ""
    for number, (left, right) in enumerate(zip(ours.splitlines(), theirs.splitlines(), strict=False), 1):
        if left != right:
            return f"line {number}\nstep:    {left!r}\nby hand: {right!r}"
    return f"{len(ours)} bytes by the step, {len(theirs)} by hand"


def main(name: str, split_text: str) -> int:
    tool = TOOLS[name]
    files = sorted(file for file in TESTS.rglob("*") if file.suffix in tool.extensions)
    failures = compared = 0
    with tempfile.TemporaryDirectory() as folder:
        worker = MlirWorker(Path(folder))
        for file in files:
            # All ways for the files of this test; the plainest for all others.
            own = file.parent == Path(__file__).parent
            for arguments in tool.runs if own else tool.runs[:1]:
                compared += 1
                if difference := compare(tool, split_text, worker, Path(folder), file, arguments):
                    failures += 1
                    print(f"{file.relative_to(TESTS)} {' '.join(arguments)}: {difference}")
        worker.close()
    print(f"{compared} compared, {failures} differ")
    return 1 if failures or compared < len(tool.runs) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

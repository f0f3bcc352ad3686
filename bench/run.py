"""Measures irlens beside what one would do without it, in one run on one machine.

    make bench            (or bench/run.py [--examples mlp_gelu,resnet18] [--repeat N])

Prints tables in Markdown; the README quotes them. Asserts nothing: times are facts,
not tests.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from chain import measure_chain
from client import Client
from ir_files import ir_file_times
from kernels import kernel_times

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(os.environ.get("IRLENS_BIN_DIR", ROOT / "build/bin"))
PYTHON = os.environ.get("IRLENS_PYTHON", str(ROOT / ".venv/bin/python"))
SERVER = [str(BIN / "irlens"), "lsp"]


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def median_of(repeat: int, measure: Callable[[], float]) -> float:
    return statistics.median(measure() for _ in range(repeat))


def percentile(values: list[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def start_times(work: Path, repeat: int) -> None:
    """Process start to the reply to initialize, beside LLVM's own language server."""

    def start(command: list[str]) -> float:
        client = Client(command, work / "cache", work)
        client.close()
        return client.initialized

    ours = median_of(repeat, lambda: start(SERVER))
    print("\n## Start\n\n| process start to initialize reply | median |\n|---|---|")
    print(f"| irlens lsp | {milliseconds(ours)} |")
    if peer := shutil.which("mlir-lsp-server-22") or shutil.which("/usr/lib/llvm-22/bin/mlir-lsp-server"):
        theirs = median_of(repeat, lambda: start([peer]))
        print(f"| mlir-lsp-server 22 | {milliseconds(theirs)} ({theirs / ours:.1f} x) |")


def edit(path: Path, count: int) -> None:
    """Another content with the same meaning: a real save."""
    text = path.read_text(encoding="utf-8")
    path.write_text(text + f"# edit {count}\n", encoding="utf-8")


def warm_up(client: Client, path: Path) -> float:
    """Opens a file in a new server; seconds to the end of its first run."""
    since = time.perf_counter()
    client.open(path)
    return client.run_times(since)[1]


def save_times(work: Path, name: str, repeat: int) -> None:
    """One row: cold, warm, cached and unchanged saves, and a fresh Python per save."""
    path = work / f"{name}.py"
    shutil.copy(ROOT / f"examples/{name}.py", path)
    cache = work / f"cache-{name}"
    client = Client(SERVER, cache, work)
    cold = warm_up(client, path)
    firsts, lasts, own = [], [], []
    for count in range(repeat):
        edit(path, count)
        before = client.cpu_seconds()
        first, last = client.run_times(client.save(path))
        firsts.append(first)
        lasts.append(last)
        own.append(client.cpu_seconds() - before)
    stages = {"command": "irlens.stages", "arguments": [path.as_uri()]}
    unchanged = []
    for _ in range(20):
        since = client.save(path)
        client.request("workspace/executeCommand", stages)
        unchanged.append(time.perf_counter() - since)
    memory = client.memory_megabytes()
    client.close()

    again = Client(SERVER, cache, work)
    since = time.perf_counter()
    again.open(path)
    # Too quick for a progress bar: the lenses say when the stages are there.
    cached = again.until(lambda m: m.get("method") == "workspace/codeLens/refresh")[0] - since
    again.close()

    compilers = stage_times(path, cache)
    fresh = median_of(max(1, repeat // 2), lambda: fresh_python(path, work / "fresh"))
    warm = statistics.median(lasts)
    print(
        f"| {name} | {milliseconds(cold)} | {milliseconds(statistics.median(firsts))} | {milliseconds(warm)} "
        f"| {milliseconds(cached)} | {milliseconds(statistics.median(unchanged))} "
        f"| {milliseconds(statistics.median(own))} | {memory:.0f} MB | {compilers:.1f} ms "
        f"| {milliseconds(fresh)} | {fresh / warm:.1f} x |"
    )
    sys.stdout.flush()


def stage_times(path: Path, cache: Path) -> float:
    """Milliseconds that the stages of the last save took themselves, as the store has them."""
    command = [BIN / "irlens", "lower", path, "--json", "--store", cache / "irlens"]
    report = json.loads(subprocess.run(command, check=True, capture_output=True, cwd=path.parent).stdout)
    return sum(stage["ms"] for entry in report["entries"] for stage in entry["stages"])


def fresh_python(path: Path, out: Path) -> float:
    before = time.perf_counter()
    subprocess.run([PYTHON, ROOT / "bench/fresh_python.py", path, out], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - before


# 25 million parameters, 100 MB, which are made when the file runs.
BIG = """\
import torch
from torch import nn

layers = [part for _ in range(6) for part in (nn.Linear(2048, 2048), nn.GELU())]
model = nn.Sequential(*layers)
__explore__(model, torch.randn(8, 2048))
"""


def answers_while_lowering(work: Path, name: str, text: str, line: int) -> None:
    """How long hover, lenses and content take while the machine is busy lowering."""
    path = work / "busy.py"
    path.write_text(text, encoding="utf-8")
    shutil.rmtree(work / "cache-busy", ignore_errors=True)
    client = Client(SERVER, work / "cache-busy", work)
    warm_up(client, path)
    stages = client.request("workspace/executeCommand", {"command": "irlens.stages", "arguments": [path.as_uri()]})
    uri = next(stage["uri"] for stage in stages if stage["stage"] == "linalg")
    document = {"textDocument": {"uri": path.as_uri()}}
    place = {"position": {"line": line, "character": 8}}
    requests = {
        "hover": ("textDocument/hover", document | place),
        "code lens": ("textDocument/codeLens", document),
        "implementation": ("textDocument/implementation", document | place),
        "content of linalg": ("workspace/textDocumentContent", {"uri": uri}),
    }
    edit(path, 0)
    since = client.save(path)
    times: dict[str, list[float]] = {name: [] for name in requests}
    while client.run_ended < since:
        for request, (method, params) in requests.items():
            times[request].append(client.timed_request(method, params))
    last = client.run_ended - since
    memory = client.memory_megabytes()
    client.close()
    print(f"\n{name}: all stages {milliseconds(last)}, server memory {memory:.0f} MB\n")
    print("| request | count | median | p99 |\n|---|---|---|---|")
    for request, values in times.items():
        print(
            f"| {request} | {len(values)} | {milliseconds(statistics.median(values))} "
            f"| {milliseconds(percentile(values, 0.99))} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", default="mlp_gelu,lstm,transformer_encoder,resnet18")
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder).resolve()
        start_times(work, options.repeat * 2)
        print("\n## Save to the default stages (medians)\n")
        print(
            "| model | cold | first stage, warm | all stages, warm | from the store | unchanged save "
            "| server's own CPU | server memory "
            "| sum of the stages' own times | fresh Python per save | ratio |"
        )
        print("|---|---|---|---|---|---|---|---|---|---|---|")
        for name in options.examples.split(","):
            save_times(work, name, options.repeat)
        kernel_times(work, ROOT, SERVER, PYTHON, options.repeat)
        ir_file_times(work, ROOT, SERVER, options.repeat)
        print("\n## Answers while a model is being lowered")
        resnet = (ROOT / "examples/resnet18.py").read_text(encoding="utf-8")
        answers_while_lowering(work, "ResNet-18", resnet, 40)
        answers_while_lowering(work, "Six Linear(2048, 2048), 100 MB of weights", BIG, 5)
        measure_chain(work, BIN, ROOT, options.repeat)


if __name__ == "__main__":
    main()

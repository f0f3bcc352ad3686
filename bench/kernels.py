"""Save to PTX of a Triton kernel: irlens, a fresh Python, and what Triton itself reports."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import time
from pathlib import Path

from client import Client

TARGET = "sm_90"
# Example, and what becomes of its text: one kernel, one launch, one stage.
KERNELS = {
    "vector_add": ("x.half(), y.half()", "x, y"),
    "matmul": ('triton.Config({"BM": 128, "BN": 256', 'triton.Config({"BM": 128, "BN": 128'),
}


def kernel_times(work: Path, root: Path, server: list[str], python: str, repeat: int) -> None:
    """A row per kernel."""
    print("\n## Save to PTX of a Triton kernel (medians)\n")
    print("| kernel | warm | fresh Python per save | ratio | of it Triton, warm as reported |\n|---|---|---|---|---|")
    for name, (old, new) in KERNELS.items():
        path = work / f"{name}.py"
        text = (root / f"examples/triton/{name}.py").read_text(encoding="utf-8").replace(old, new)
        text = text.replace('    matmul(a, b, "leaky_relu")\n', "")
        path.write_text(text + f"# irlens: stages=ptx target={TARGET}\n", encoding="utf-8")
        warm = _saves(work, path, server, repeat)
        fresh, reported = _fresh(root, path, python, max(1, repeat // 2))
        print(f"| {name} | {warm:.1f} ms | {fresh:.1f} ms | {fresh / warm:.1f} x | {reported:.1f} ms |")


def _saves(work: Path, path: Path, server: list[str], repeat: int) -> float:
    shutil.rmtree(work / "cache-kernel", ignore_errors=True)
    client = Client(server, work / "cache-kernel", work)
    since = time.perf_counter()
    client.open(path)
    client.run_times(since)
    times = []
    for count in range(repeat):
        path.write_text(path.read_text(encoding="utf-8") + f"# edit {count}\n", encoding="utf-8")
        times.append(_made(client, path, client.save(path)) * 1000)
    client.close()
    return statistics.median(times)


def _made(client: Client, path: Path, since: float) -> float:
    """Seconds until the lenses say that each entry's PTX is there; too quick for a progress bar."""
    stages = {"command": "irlens.stages", "arguments": [path.as_uri()]}
    while True:
        when, _ = client.until(lambda message: message.get("method") == "workspace/codeLens/refresh")
        rows = client.request("workspace/executeCommand", stages)
        if rows and all(row["status"] == "ok" for row in rows if row["stage"] == "ptx"):
            return when - since


def _fresh(root: Path, path: Path, python: str, repeat: int) -> tuple[float, float]:
    times, reported = [], []
    for _ in range(repeat):
        before = time.perf_counter()
        command = [python, str(root / "bench/fresh_kernel.py"), str(path), TARGET]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        times.append((time.perf_counter() - before) * 1000)
        reported.append(float(done.stdout.split()[-1]))
    return statistics.median(times), statistics.median(reported)

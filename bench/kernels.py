"""Save to PTX of a Triton kernel: irlens, a fresh Python, and what Triton itself reports."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import time
from pathlib import Path

from client import Client

TARGET = "sm_90"
# Seconds between two saves; nobody saves faster.
_PAUSE = 0.5
# Example, and what becomes of its text: one kernel, one launch, and in its last line a number that each save changes.
KERNELS = {
    "vector_add": [("x.half(), y.half()", "x, y"), ("x + y, mask", "(x + y) * SCALE, mask")],
    "matmul": [
        ('triton.Config({"BM": 128, "BN": 256', 'triton.Config({"BM": 128, "BN": 128'),
        ('    matmul(a, b, "leaky_relu")\n', ""),
        ("accumulator.to(tl.float16), mask", "(accumulator * SCALE).to(tl.float16), mask"),
    ],
}


def kernel_times(work: Path, root: Path, server: list[str], python: str, repeat: int) -> None:
    """A row per kernel."""
    print("\n## Save to the new PTX in its document (medians)\n")
    print("| kernel | warm | fresh Python per save | ratio | of it Triton, warm as reported |\n|---|---|---|---|---|")
    for name, changes in KERNELS.items():
        path = work / f"{name}.py"
        text = (root / f"examples/triton/{name}.py").read_text(encoding="utf-8")
        for old, new in changes:
            text = text.replace(old, new)
        text += f"# irlens: stages=ptx target={TARGET}\n"
        warm = _saves(work, path, text, server, repeat)
        fresh, reported = _fresh(root, path, python, max(1, repeat // 2))
        print(f"| {name} | {warm:.1f} ms | {fresh:.1f} ms | {fresh / warm:.1f} x | {reported:.1f} ms |")


def _saves(work: Path, path: Path, text: str, server: list[str], repeat: int) -> float:
    """With the PTX open beside the kernel, as in an editor."""
    shutil.rmtree(work / "cache-kernel", ignore_errors=True)
    path.write_text(text.replace("SCALE", "1.5"), encoding="utf-8")
    client = Client(server, work / "cache-kernel", work)
    since = time.perf_counter()
    client.open(path)
    client.run_times(since)
    rows = client.request("workspace/executeCommand", {"command": "irlens.stages", "arguments": [path.as_uri()]})
    uri = next(row["uri"] for row in rows if row["stage"] == "ptx")
    shown = _content(client, uri)
    times = []
    for count in range(repeat + 1):
        time.sleep(_PAUSE)
        path.write_text(text.replace("SCALE", f"{count + 2}.5"), encoding="utf-8")
        since = client.save(path)
        when, shown = _changed(client, uri, shown)
        times.append((when - since) * 1000)
    client.close()
    return statistics.median(times[1:])


def _changed(client: Client, uri: str, before: str) -> tuple[float, str]:
    """When the document has another text, and that."""
    while True:
        client.until(lambda message: message.get("method") == "workspace/textDocumentContent/refresh")
        text = _content(client, uri)
        if text != before:
            return time.perf_counter(), text


def _content(client: Client, uri: str) -> str:
    """The document's code: notes above it say how the run goes."""
    text: str = client.request("workspace/textDocumentContent", {"uri": uri})["text"]
    return "\n".join(line for line in text.splitlines() if not line.startswith("//"))


def _fresh(root: Path, path: Path, python: str, repeat: int) -> tuple[float, float]:
    times, reported = [], []
    for _ in range(repeat):
        before = time.perf_counter()
        command = [python, str(root / "bench/fresh_kernel.py"), str(path), TARGET]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        times.append((time.perf_counter() - before) * 1000)
        reported.append(float(done.stdout.split()[-1]))
    return statistics.median(times), statistics.median(reported)

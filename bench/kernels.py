"""Save to PTX of a Triton kernel: irlens, a fresh Python, and what Triton itself reports."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import time
from pathlib import Path

from client import Client, changed_text, text_of

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


def _fresh_command(root: Path, python: str, path: Path) -> list[str]:
    return [python, str(root / "bench/fresh_kernel.py"), str(path), TARGET]


class _Reference:
    """A warm process that compiles the same kernel with Triton alone."""

    def __init__(self, root: Path, python: str, path: Path) -> None:
        self._process = subprocess.Popen(
            _fresh_command(root, python, path), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.milliseconds()

    def milliseconds(self) -> float:
        """Of a compilation, as Triton reports them."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate()


def kernel_times(work: Path, root: Path, server: list[str], python: str, repeat: int) -> None:
    """A row per kernel."""
    print("\n## Save to the new PTX in its document (medians)\n")
    print("| kernel | warm | of it Triton, as it reports | the rest | fresh Python per save | ratio |")
    print("|---|---|---|---|---|---|")
    for name, changes in KERNELS.items():
        path = work / f"{name}.py"
        text = (root / f"examples/triton/{name}.py").read_text(encoding="utf-8")
        for old, new in changes:
            text = text.replace(old, new)
        text += f"# irlens: stages=ptx target={TARGET}\n"
        path.write_text(text.replace("SCALE", "1.5"), encoding="utf-8")
        reference = _Reference(root, python, path)
        warm, reported = _saves(work, path, text, server, 4 * repeat, reference)
        reference.close()
        fresh = _fresh(root, path, python, max(1, repeat // 2))
        rest = warm - reported
        print(f"| {name} | {warm:.1f} ms | {reported:.1f} ms | {rest:.1f} ms | {fresh:.0f} ms | {fresh / warm:.1f} x |")


def _saves(
    work: Path, path: Path, text: str, server: list[str], repeat: int, reference: _Reference
) -> tuple[float, float]:
    """With the PTX open beside the kernel, as in an editor; Triton alone takes turns with irlens, so
    that both meet the same machine."""
    shutil.rmtree(work / "cache-kernel", ignore_errors=True)
    client = Client(server, work / "cache-kernel", work)
    since = time.perf_counter()
    client.open(path)
    client.run_times(since)
    rows = client.request("workspace/executeCommand", {"command": "irlens.stages", "arguments": [path.as_uri()]})
    uri = next(row["uri"] for row in rows if row["stage"] == "ptx")
    shown = text_of(client, uri)
    times, reported = [], []
    for count in range(repeat + 1):
        reported.append(reference.milliseconds())
        time.sleep(_PAUSE)
        path.write_text(text.replace("SCALE", f"{count + 2}.5"), encoding="utf-8")
        since = client.save(path)
        when, shown = changed_text(client, uri, shown)
        times.append((when - since) * 1000)
        time.sleep(_PAUSE)
    client.close()
    return statistics.median(times[1:]), statistics.median(reported[1:])


def _fresh(root: Path, path: Path, python: str, repeat: int) -> float:
    times = []
    for _ in range(repeat):
        before = time.perf_counter()
        subprocess.run(_fresh_command(root, python, path), check=True, capture_output=True, stdin=subprocess.DEVNULL)
        times.append((time.perf_counter() - before) * 1000)
    return statistics.median(times)

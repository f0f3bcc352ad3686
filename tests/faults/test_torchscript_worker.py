"""irlens-torchscript: methods and passes of an archive, and what is no archive."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import warnings
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
PROGRAM = Path(os.environ.get("IRLENS_BIN_DIR", Path(__file__).parents[2] / "build/bin")) / "irlens-torchscript"
if not PROGRAM.exists():
    pytest.skip("irlens-torchscript is not built", allow_module_level=True)

ROWS = [
    {"id": "as-saved", "from": "archive", "format": "torchscript", "steps": [{"jit": "as-saved"}]},
    {"id": "frozen", "from": "archive", "format": "torchscript", "steps": [{"jit": "freeze"}, {"jit": "inline"}]},
]


class Net(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.up = torch.nn.Linear(4, 8)

    def forward(self, x):
        return self.helper(x).relu()

    def helper(self, x):
        return self.up(x)

    @torch.jit.export
    def score(self, x, n: int):
        return self.up(x).sum() * n


def save(path: Path) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.script(Net()).save(str(path))
    return path


def capture(path: Path, out: Path, rows: list[Any] = ROWS) -> list[Any]:
    """The events of one job."""
    request = {"op": "run", "job": 7, "kind": "capture", "file": str(path), "out": str(out), "stages": rows}
    worker = subprocess.Popen([PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert worker.stdin and worker.stdout
    assert json.loads(worker.stdout.readline())["worker"] == "torchscript"
    worker.stdin.write(json.dumps(request) + "\n")
    worker.stdin.flush()
    events = []
    while not events or events[-1]["event"] != "end":
        events.append(json.loads(worker.stdout.readline()))
    worker.stdin.close()
    assert worker.wait(20) == 0
    return events


def test_methods_are_entries(tmp_path: Path) -> None:
    events = capture(save(tmp_path / "net.pt"), tmp_path)
    assert [event["entry"] for event in events if event["event"] == "entry"] == ["forward", "score", "helper"]
    final = {(e["entry"], e["stage"]): e["status"] for e in events if e["event"] == "stage"}
    assert set(final.values()) == {"ok"} and len(final) == 6
    entry = json.loads((tmp_path / "score/entry.json").read_text())
    assert (entry["origin"], entry["signature"]) == ("archive", "Tensor x, int n")
    assert 'prim::CallMethod[name="helper"]' in (tmp_path / "forward/as-saved.raw").read_text()


def test_calls_are_linked_through_inlining(tmp_path: Path) -> None:
    capture(save(tmp_path / "net.pt"), tmp_path)
    links = json.loads((tmp_path / "forward/frozen.links").read_text())
    chains = set()
    for _, frame in links["lines"]:
        chain = []
        while frame >= 0:
            file, _, _, frame = links["frames"][frame]
            chain.append(Path(links["files"][file]).name)
        chains.add(tuple(chain))
    here = Path(__file__).name
    assert ("linear.py", here, here) in chains  # linear <- helper <- forward


def refusal(path: Path, out: Path) -> str:
    (_, end) = capture(path, out)
    assert (end["status"], end["line"]) == ("failed", 1)
    (diagnostic,) = json.loads((out / "run.json").read_text())["diagnostics"]
    assert diagnostic["frames"] == [[str(path), 1, 0]]
    return str(diagnostic["message"])


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_truncated(tmp_path: Path, share: float) -> None:
    path = save(tmp_path / "net.pt")
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    assert "cannot load net.pt: the archive" in refusal(path, tmp_path)


def test_what_is_no_archive(tmp_path: Path) -> None:
    path = tmp_path / "x.pt"
    path.write_bytes(b"")
    assert "empty" in refusal(path, tmp_path)
    path.write_text("hello")
    assert "no TorchScript archive" in refusal(path, tmp_path)
    path.write_bytes(pickle.dumps({"a": 1}))
    assert "it is a pickle" in refusal(path, tmp_path)
    torch.save(Net().state_dict(), path)
    assert "torch.save pickled" in refusal(path, tmp_path)


def test_unknown_pass(tmp_path: Path) -> None:
    row = {"id": "odd", "from": "archive", "format": "torchscript", "steps": [{"jit": "twist"}]}
    events = capture(save(tmp_path / "net.pt"), tmp_path, [row])
    assert {e["status"] for e in events if e["event"] == "stage"} == {"running", "failed"}
    report = json.loads((tmp_path / "forward/odd.json").read_text())
    assert "no pass twist" in report["diagnostics"][0]["message"]

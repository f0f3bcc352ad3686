"""What user code can do to the Python worker, each on the real process.

After each fault the next job must work (`check_next_job`).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from python_worker import Worker, diagnostics, statuses

GOOD = """\
import torch
from torch import nn

class Net(nn.Module):
    def forward(self, x):
        return x.sin() + 1

# irlens: Net()(torch.randn(2, 3))
"""


def write(folder: Path, text: str, name: str = "model.py") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def line_of(path: Path, text: str) -> int:
    """The number of the first line that contains a text."""
    lines = path.read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


@pytest.fixture(autouse=True)
def check_next_job(python_worker: Worker, tmp_path: Path):
    """Whatever a test did, the worker still does its work."""
    yield
    folder = tmp_path / "next"
    folder.mkdir()
    out = folder / "run"
    events = python_worker.finish(python_worker.capture(write(folder, GOOD), out))
    assert statuses(events) == {"end": "ok", "Net/output": "ok", "Net/fx": "ok"}
    assert "torch.ops.aten.sin" in (out / "Net/fx.raw").read_text()


def test_good_file(python_worker: Worker, tmp_path: Path, out: Path) -> None:
    pytest.importorskip("torch_mlir")
    file = write(tmp_path, GOOD)
    stages = "output,torchscript,fx,torch,tosa,linalg,stablehlo"
    events = python_worker.finish(python_worker.capture(file, out, stages))
    assert set(statuses(events).values()) == {"ok"}
    assert [event["event"] for event in events[:2]] == ["started", "entry"]
    entry = json.loads((out / "Net/entry.json").read_text())
    assert (entry["signature"], entry["line"], entry["class_line"]) == ("f32[2, 3]", 8, 4)
    raw = (out / "Net/linalg.raw").read_text()
    assert "linalg.generic" in raw and f'"{file}":6:16' in raw


def test_lower_from_artifact(python_worker: Worker, tmp_path: Path, out: Path) -> None:
    pytest.importorskip("torch_mlir")
    file = write(tmp_path, GOOD)
    python_worker.finish(python_worker.capture(file, out, "torch"))
    job = python_worker.lower("Net", "torch", out / "Net/torch.raw", out, "tosa,linalg")
    events = python_worker.finish(job)
    assert statuses(events) == {"end": "ok", "Net/tosa": "ok", "Net/linalg": "ok"}
    assert f'"{file}":6:16' in (out / "Net/tosa.raw").read_text()


def test_syntax_error(python_worker: Worker, tmp_path: Path, out: Path) -> None:
    file = write(tmp_path, "import torch\nx = = 1\n__explore__(torch.sin, torch.ones(2))\n")
    end = python_worker.finish(python_worker.capture(file, out))[-1]
    assert (end["status"], end["line"]) == ("failed", 2)
    (found,) = diagnostics(out)
    assert found["frames"] == [[str(file), 2, 5]] and "SyntaxError" in found["message"]


def test_exception_at_import(python_worker: Worker, tmp_path: Path, out: Path) -> None:
    write(tmp_path, "def helper():\n    raise ValueError('no luck')\n", "blocks.py")
    file = write(tmp_path, "import torch\nimport blocks\n\nblocks.helper()\n__explore__(1, 2)\n")
    end = python_worker.finish(python_worker.capture(file, out))[-1]
    assert (end["status"], end["line"]) == ("failed", 4)
    assert end["message"] == "ValueError: no luck"
    (found,) = diagnostics(out)
    assert [frame[:2] for frame in found["frames"]] == [
        [str(tmp_path / "blocks.py"), 2],
        [str(file), 4],
    ]
    assert json.loads((out / "run.json").read_text())["files"] == [str(tmp_path / "blocks.py")]


def test_exception_in_forward(python_worker: Worker, tmp_path: Path, out: Path) -> None:
    file = write(tmp_path, GOOD.replace("x.sin()", "x @ x"))
    events = python_worker.finish(python_worker.capture(file, out))
    assert statuses(events) == {"end": "ok", "Net/output": "ok", "Net/fx": "failed"}
    (found,) = diagnostics(out, "Net/fx")
    assert [str(file), 6, 16] in found["frames"]


def test_entries_before_an_exception(python_worker: Worker, tmp_path: Path, out: Path) -> None:
    text = "import torch\n__explore__(torch.sin, torch.ones(2))\nraise RuntimeError('late')\n"
    events = python_worker.finish(python_worker.capture(write(tmp_path, text), out))
    assert statuses(events) == {"end": "failed", "sin/output": "ok", "sin/fx": "ok"}
    assert events[-1]["line"] == 3


def test_infinite_loop(python_worker: Worker, tmp_path: Path, out: Path) -> None:
    text = "import torch\nprint('before')\nwhile True:\n    pass\n__explore__(1, 2)\n"
    job = python_worker.capture(write(tmp_path, text), out, timeout_ms=1500)
    end = python_worker.finish(job)[-1]
    assert end["status"] == "timeout" and end["line"] in (3, 4)
    assert (out / "output.txt").read_text() == "before\n"
    assert diagnostics(out)[0]["message"].startswith("the script did not end within 0.")


def test_entries_before_an_infinite_loop(python_worker: Worker, tmp_path: Path, out: Path) -> None:
    text = "import torch\n__explore__(torch.sin, torch.ones(2))\nwhile True:\n    pass\n"
    events = python_worker.finish(python_worker.capture(write(tmp_path, text), out, timeout_ms=3000))
    assert statuses(events) == {"end": "timeout", "sin/output": "ok", "sin/fx": "ok"}


def test_infinite_loop_that_hears_nothing(python_worker: Worker, tmp_path: Path, out: Path) -> None:
    text = "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass\n"
    job = python_worker.capture(write(tmp_path, text + "__explore__(1, 2)\n"), out, timeout_ms=3000)
    end = python_worker.finish(job)[-1]
    assert end["status"] == "timeout"
    assert diagnostics(out)[0]["message"] == "stopped after the time limit of 3 s"


def test_infinite_loop_in_forward(python_worker: Worker, tmp_path: Path, out: Path) -> None:
    loop = "while True:\n            x = x + 1\n        return x"
    file = write(tmp_path, GOOD.replace("return x.sin() + 1", loop))
    events = python_worker.finish(python_worker.capture(file, out, timeout_ms=4000))
    found = statuses(events)
    assert found["end"] == found["Net/fx"] == "timeout"
    assert events[-1]["line"] in (6, 7)


def test_memory_blow_up_of_the_script(python_worker: Worker, tmp_path: Path, out: Path) -> None:
    text = "import torch\nx = []\nwhile True:\n    x.append(bytearray(1 << 24))\n__explore__(1)\n"
    job = python_worker.capture(write(tmp_path, text), out, memory_mb=512)
    end = python_worker.finish(job)[-1]
    assert (end["status"], end["line"]) == ("memory", 4)


def test_a_model_that_is_too_big(python_worker: Worker, tmp_path: Path, out: Path) -> None:
    text = "import torch\nmodel = torch.nn.Linear(1 << 15, 1 << 15)\n__explore__(model, torch.ones(1 << 15))\n"
    end = python_worker.finish(python_worker.capture(write(tmp_path, text), out, memory_mb=512))[-1]
    assert (end["status"], end["line"]) == ("memory", 2)
    (found,) = diagnostics(out)
    assert "torch.device('meta')" in found["notes"][-1]["message"]


def test_memory_blow_up_of_the_compiler(python_worker: Worker, tmp_path: Path, out: Path) -> None:
    pytest.importorskip("torch_mlir")
    # tosa has no arange: its 8 GB become a constant.
    text = GOOD.replace("return x.sin() + 1", "y = x.sin()\n        return y + torch.arange(1 << 30).sum()")
    file = write(tmp_path, text)
    events = python_worker.finish(python_worker.capture(file, out, "torch,tosa,linalg"))
    assert statuses(events) == {"end": "ok", "Net/torch": "ok", "Net/tosa": "memory", "Net/linalg": "ok"}
    found = diagnostics(out, "Net/tosa")[0]
    assert found["op"].startswith("torch.aten.arange")
    assert "out of memory" in found["message"]
    assert found["frames"][0][:2] == [str(file), 7]


def test_all_unsupported_operations(python_worker: Worker, tmp_path: Path, out: Path) -> None:
    pytest.importorskip("torch_mlir")
    body = (
        "y = torch.special.bessel_j0(x)\n        z = torch.special.bessel_j1(x)\n"
        "        return y + z + torch.special.bessel_j0(x + 1)"
    )
    file = write(tmp_path, GOOD.replace("return x.sin() + 1", body))
    events = python_worker.finish(python_worker.capture(file, out, "torch,tosa"))
    assert statuses(events) == {"end": "ok", "Net/torch": "failed", "Net/tosa": "failed"}
    found = diagnostics(out, "Net/torch")
    assert [(item["op"], item["frames"][0][1]) for item in found] == [
        ("torch.aten.special_bessel_j0", 6),
        ("torch.aten.special_bessel_j1", 7),
    ]
    assert found[0]["notes"][-1]["frames"][0][1] == 8 or found[0]["notes"][0]["frames"][0][1] == 8
    assert diagnostics(out, "Net/tosa") == []


@pytest.mark.parametrize(
    ("code", "status", "message"),
    [
        ("os._exit(3)", "crashed", "os._exit(3)"),
        ("ctypes.string_at(0)", "crashed", "SIGSEGV"),
        ("os.abort()", "crashed", "SIGABRT"),
        ("os.kill(os.getpid(), 9)", "crashed", "SIGKILL"),
    ],
)
def test_sudden_death(python_worker: Worker, tmp_path: Path, out: Path, code: str, status: str, message: str) -> None:
    text = f"import ctypes, os\nprint('alive')\n{code}\n__explore__(1, 2)\n"
    end = python_worker.finish(python_worker.capture(write(tmp_path, text), out))[-1]
    assert end["status"] == status and message in end["message"]
    if "SIGKILL" not in message:
        assert end["line"] == 3
    assert (out / "output.txt").read_text().startswith("alive\n")


def test_segfault_in_forward(python_worker: Worker, tmp_path: Path, out: Path) -> None:
    file = write(tmp_path, "import ctypes\n" + GOOD.replace("x.sin()", "ctypes.string_at(0)"))
    events = python_worker.finish(python_worker.capture(file, out, "output,torchscript,fx"))
    found = statuses(events)
    assert found["Net/fx"] == "crashed" and found["end"] == "ok"
    assert diagnostics(out, "Net/fx")[0]["frames"][-1][:2] == [str(file), 7]


def test_hundred_megabytes_of_output(python_worker: Worker, tmp_path: Path, out: Path) -> None:
    text = "line = 'x' * 999\nfor _ in range(100_000):\n    print(line)\n"
    file = write(tmp_path, text + GOOD)
    events = python_worker.finish(python_worker.capture(file, out, output_limit=100_000))
    assert statuses(events)["Net/output"] == "ok"
    output = (out / "output.txt").read_text()
    assert len(output) < 101_000 and "more bytes were printed" in output[-100:]


def test_stdout_and_stderr_in_order(python_worker: Worker, tmp_path: Path, out: Path) -> None:
    text = "import os, sys\nprint('a')\nprint('b', file=sys.stderr)\nos.write(1, b'c\\n')\nprint('d')\n"
    python_worker.finish(python_worker.capture(write(tmp_path, text + GOOD), out))
    assert (out / "output.txt").read_text() == "a\nb\nc\nd\n"


def block_module(folder: Path, name: str) -> str:
    """A folder that, on PYTHONPATH, makes a module look as if it were not installed."""
    folder.mkdir()
    hook = (
        "import sys\n"
        "class Block:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name.split('.')[0] == {name!r}:\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}')\n"
        "sys.meta_path.insert(0, Block())\n"
    )
    (folder / "sitecustomize.py").write_text(hook)
    return str(folder)


def test_no_torch_mlir(tmp_path: Path, out: Path) -> None:
    worker = Worker(tmp_path, PYTHONPATH=block_module(tmp_path / "blocker", "torch_mlir"))
    try:
        assert worker.hello["unavailable"] == {"torch-mlir": "pip install torch-mlir==20261001"}
        events = worker.finish(worker.capture(write(tmp_path, GOOD), out, "fx,torch,linalg"))
        assert statuses(events) == {
            "end": "ok",
            "Net/fx": "ok",
            "Net/torch": "unavailable",
            "Net/linalg": "unavailable",
        }
        assert "pip install torch-mlir" in diagnostics(out, "Net/linalg")[0]["message"]
    finally:
        worker.close()


def test_no_torch(tmp_path: Path, out: Path) -> None:
    worker = Worker(tmp_path, PYTHONPATH=block_module(tmp_path / "blocker", "torch"))
    try:
        assert worker.hello["unavailable"]["torch"] == "pip install torch==2.15.0"
        assert "torch" not in worker.hello["tools"]
        end = worker.finish(worker.capture(write(tmp_path, GOOD), out))[-1]
        assert (end["status"], end["line"]) == ("failed", 1)
        assert "pip install torch" in end["message"]
    finally:
        worker.close()


def test_unwritable_folder(python_worker: Worker, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    job = python_worker.capture(write(tmp_path, GOOD), tmp_path / "file" / "run")
    end = python_worker.finish(job)[-1]
    assert end["status"] == "failed" and "Not a directory" in end["message"]


@pytest.mark.parametrize("taken", [40_000, 60_000, 65_536])
def test_full_disk(python_worker: Worker, tmp_path: Path, taken: int) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("a full disk is made with a small tmpfs, which needs the right to mount")
    try:
        file = write(tmp_path, "print('x' * 20_000)\n" + GOOD)
        (disk / "ballast").write_bytes(b"x" * taken)
        events = python_worker.finish(python_worker.capture(file, disk / "run"))
        assert statuses(events).get("Net/output") != "ok"
        assert taken < 65_536 or "No space left" in events[-1]["message"]
        leftovers = [path.name for path in disk.rglob(".*") if path.is_file()]
        assert leftovers == []
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_script_that_forks(python_worker: Worker, tmp_path: Path, out: Path) -> None:
    text = (
        "import os, time\n"
        "if os.fork() == 0:\n    time.sleep(600)\n    os._exit(0)\n"
        f"open({str(tmp_path / 'pids')!r}, 'w').write(str(os.getpgid(0)))\n"
    )
    events = python_worker.finish(python_worker.capture(write(tmp_path, text + GOOD), out))
    assert statuses(events)["Net/fx"] == "ok"
    assert_group_is_gone(int((tmp_path / "pids").read_text()))


def assert_group_is_gone(group: int) -> None:
    """A zombie counts as gone: when it is reaped is up to the machine's init."""
    deadline = time.monotonic() + 10
    while left := running_members(group):
        assert time.monotonic() < deadline, f"processes {left} of group {group} still run"
        time.sleep(0.02)


def running_members(group: int) -> list[int]:
    """The group's processes that are not zombies, after proc(5): `pid (name) state ppid pgrp`."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, pgrp = stat.read_text().rpartition(")")[2].split()[:3]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(pgrp) == group and state not in "ZX":
            found.append(int(stat.parent.name))
    return found


@pytest.mark.parametrize(
    "mischief",
    [
        "import os; os.closerange(3, 1024)",
        "import os; os.closerange(0, 4096)",
        "import sys, io; sys.stdout = sys.stderr = io.StringIO()",
        "import sys; sys.stdout.close(); sys.stderr = None",
        "import builtins; del builtins.open, builtins.len, builtins.isinstance, builtins.print",
        "import os; os.chdir('/')",
        "import signal; [signal.signal(n, signal.SIG_IGN) for n in (2, 10, 14, 15, 17)]",
        "import sys; sys.setrecursionlimit(60)",
        "import gc; gc.disable()",
        "import threading, time; threading.Thread(target=time.sleep, args=(600,)).start()",
    ],
)
def test_mischief(python_worker: Worker, tmp_path: Path, out: Path, mischief: str) -> None:
    events = python_worker.finish(python_worker.capture(write(tmp_path, GOOD + mischief + "\n"), out))
    assert statuses(events)["Net/fx"] == "ok", (out / "run.json").read_text()


@pytest.mark.parametrize(("code", "errors"), [("0", 0), ("3", 1), ("'bye'", 1)])
def test_sys_exit(python_worker: Worker, tmp_path: Path, out: Path, code: str, errors: int) -> None:
    text = f"import sys, torch\n__explore__(torch.sin, torch.ones(2))\nsys.exit({code})\n"
    events = python_worker.finish(python_worker.capture(write(tmp_path, text), out))
    assert statuses(events)["sin/fx"] == "ok"
    assert len(diagnostics(out)) == errors


def test_cancel(python_worker: Worker, tmp_path: Path, out: Path) -> None:
    text = f"import os, time\nopen({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\n"
    job = python_worker.capture(write(tmp_path, text + "time.sleep(600)\n__explore__(1, 2)\n"), out)
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        time.sleep(0.01)
    began = time.monotonic()
    python_worker.send({"op": "cancel", "job": job})
    assert python_worker.finish(job)[-1]["status"] == "cancelled"
    assert time.monotonic() - began < 5
    assert_group_is_gone(int((tmp_path / "pid").read_text()))


def test_cancel_of_an_unknown_job(python_worker: Worker) -> None:
    python_worker.send({"op": "cancel", "job": 999_999})


def test_two_jobs_at_once(python_worker: Worker, tmp_path: Path) -> None:
    jobs = {}
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        file = write(folder, f"print('{name}')\n" + GOOD)
        jobs[python_worker.capture(file, folder / "run")] = folder / "run"
    waiting = set(jobs)
    while waiting:
        event = python_worker.event()
        if event["event"] == "end":
            assert event["status"] == "ok"
            waiting.remove(event["job"])
    texts = [(out / "output.txt").read_text() for out in jobs.values()]
    assert texts == ["a\n", "b\n"]


@pytest.mark.parametrize(
    "line",
    [b"{", b"", b"[]", b"\xff\xfe", b'{"op":"run"}', b'{"job":"x"}', b'{"op":"fly","job":"y"}'],
)
def test_malformed_request(python_worker: Worker, line: bytes) -> None:
    python_worker.send(line)


def test_request_without_stages(python_worker: Worker, out: Path) -> None:
    python_worker.send({"op": "run", "job": 777, "kind": "capture", "out": str(out)})
    end = python_worker.finish(777)[-1]
    assert end["status"] == "failed" and "stages" in end["message"]


def test_training_script_does_not_train(python_worker: Worker, tmp_path: Path, out: Path) -> None:
    text = GOOD.replace("# irlens", "# no").replace("sin()", "cos()") + (
        "net = Net()\nx = torch.randn(2, 3, requires_grad=True)\n"
        "for _ in range(1000):\n    net(x).sum().backward()\n    print('training')\n"
    )
    events = python_worker.finish(python_worker.capture(write(tmp_path, text), out))
    assert statuses(events) == {"end": "ok", "Net/output": "ok", "Net/fx": "ok"}
    assert (out / "output.txt").read_text() == ""
    (found,) = diagnostics(out)
    assert (found["severity"], "does not need its training" in found["message"]) == ("hint", True)


def test_end_of_input_ends_everything(tmp_path: Path, out: Path) -> None:
    worker = Worker(tmp_path)
    text = f"import os, time\nopen({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\n"
    worker.capture(write(tmp_path, text + "time.sleep(600)\n__explore__(1, 2)\n"), out)
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        time.sleep(0.01)
    worker.close()
    assert worker.process.returncode == 0
    assert_group_is_gone(int((tmp_path / "pid").read_text()))


def test_death_of_the_worker_ends_everything(tmp_path: Path, out: Path) -> None:
    worker = Worker(tmp_path)
    text = f"import os, time\nopen({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\n"
    worker.capture(write(tmp_path, text + "time.sleep(600)\n__explore__(1, 2)\n"), out)
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        time.sleep(0.01)
    worker.process.send_signal(signal.SIGKILL)
    worker.process.wait(10)
    assert_group_is_gone(int((tmp_path / "pid").read_text()))

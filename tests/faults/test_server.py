"""What a user meets when something goes wrong: the real server with its real workers.

Each test starts from a good save, breaks something, and looks at three things: the
trouble is told on the right line, the documents that were there still are, and the
next good save works.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "protocol"))

from client import Client
from servers import BIN

pytest.importorskip("torch_mlir.ir", reason="the real workers lower with torch-mlir")

GOOD = """import torch
import blocks


class Net(torch.nn.Module):
    def forward(self, x):
        return blocks.act(x + 1)


__explore__(Net(), torch.randn(4, 4))
"""
BLOCKS = "import torch\n\n\ndef act(x):\n    return torch.relu(x)\n"
STAGES = ["output", "fx", "tosa", "linalg", "llvm-ir"]


class Session:
    """A server, a model that it has lowered, and the texts from before the fault."""

    def __init__(self, client: Client, folder: Path) -> None:
        self.client = client
        self.model = folder / "model.py"
        self.model.write_text(GOOD)
        (folder / "blocks.py").write_text(BLOCKS)
        client.open(self.model)
        client.sync()
        self.uris = {stage: row["uri"] for stage, row in client.stages(self.model).items()}
        self.texts = {stage: client.content(self.uris[stage]) for stage in STAGES}
        assert "linalg.generic" in self.texts["linalg"]
        assert "define" in self.texts["llvm-ir"]

    def save(self, text: str) -> None:
        self.model.write_text(text)
        self.client.save(self.model)
        self.client.sync()

    def problems(self) -> list[tuple[int, str]]:
        """Line (from 1) and message of each diagnostic that stands now."""
        told = [
            params
            for params in self.client.all("textDocument/publishDiagnostics")
            if params["uri"] == self.model.as_uri()
        ]
        last = told[-1]["diagnostics"] if told else []
        return [(item["range"]["start"]["line"] + 1, item["message"]) for item in last]

    def texts_stand(self) -> None:
        for stage in ("fx", "linalg", "llvm-ir"):
            assert self.client.content(self.uris[stage]) == self.texts[stage], stage

    def works(self) -> None:
        """The next good save is lowered, and shows."""
        self.save(GOOD.replace("x + 1", "x.tanh()"))
        assert "tanh" in self.client.content(self.uris["linalg"])
        assert "tanh" in self.client.content(self.uris["llvm-ir"])
        assert self.problems() == []


def start(folder: Path, store: Path, **settings: object) -> Client:
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}
    program = os.environ.get("IRLENS_PYTHON", sys.executable)
    client = Client([str(BIN / "irlens"), "lsp", "--store", str(store)], folder, environment)
    client.initialize(
        "vscode", folder, python=program, stages=STAGES, timeoutSeconds=5, memoryMegabytes=1500, **settings
    )
    return client


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    folder = (tmp_path / "ws").resolve()
    folder.mkdir()
    client = start(folder, tmp_path / "store")
    yield Session(client, folder)
    client.close()


def workers(client: Client) -> dict[str, int]:
    """The server's children: "mlir" and "python" -> process id."""
    found = {}
    listing = subprocess.run(
        ["ps", "-o", "pid=,args=", "--ppid", str(client.process.pid)], capture_output=True, text=True
    )
    for line in listing.stdout.splitlines():
        pid, command = line.split(maxsplit=1)
        found["mlir" if "irlens-mlir" in command else "python"] = int(pid)
    return found


BROKEN = {
    "syntax error": (GOOD.replace("(self, x):", "(self, x:"), 6, "SyntaxError"),
    "exception at import": (GOOD.replace("import blocks\n", "import blocks\nblocks.nothing()\n"), 3, "nothing"),
    "infinite loop": (GOOD + "while True:\n    pass\n", 11, "did not end within 2.5 s"),
    "os._exit": (GOOD.replace("import blocks\n", "import blocks, os\nos._exit(3)\n"), 3, "_exit"),
    "segfault": (GOOD.replace("import blocks\n", "import blocks, ctypes\nctypes.string_at(0)\n"), 3, "segmentation"),
    "memory": (GOOD.replace("import blocks\n", "import blocks\nmuch = [0] * 10**9\n"), 3, "emory"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_broken_scripts(session: Session, fault: str) -> None:
    text, line, word = BROKEN[fault]
    session.save(text)
    problems = session.problems()
    assert any(at in (line, line + 1) and word in message for at, message in problems), problems
    session.texts_stand()
    session.works()


def test_compiler_without_bounds(session: Session) -> None:
    # tosa has no arange: its 2 GB become a constant.
    session.save(GOOD.replace("return blocks.act(x + 1)", "return x + torch.arange(1 << 28).sum()"))
    problems = [message for at, message in session.problems() if at == 7 and "tosa" in message]
    assert len(problems) == 1 and "out of memory" in problems[0], session.problems()
    assert session.client.content(session.uris["tosa"]) == session.texts["tosa"]
    assert "arange" in session.client.content(session.uris["fx"]), "the other stages are not lost"
    assert "linalg.index" in session.client.content(session.uris["linalg"])
    session.works()


def test_hundred_megabytes_of_output(session: Session) -> None:
    session.save(GOOD + "print('x' * 100_000_000)\n")
    output = session.client.content(session.uris["output"])
    assert 1_000_000 < len(output) < 20_000_000
    assert session.client.content(session.uris["linalg"]) == session.texts["linalg"]
    session.works()


@pytest.mark.parametrize("victim", ["python", "mlir"])
def test_killed_worker(session: Session, victim: str) -> None:
    os.kill(workers(session.client)[victim], signal.SIGKILL)
    session.works()


def test_python_worker_killed_during_a_run(session: Session) -> None:
    session.model.write_text(GOOD + "while True:\n    pass\n")
    mark = session.client.mark()
    session.client.save(session.model)
    session.client.wait_for("$/progress", mark)
    os.kill(workers(session.client)["python"], signal.SIGKILL)
    session.client.sync()
    session.texts_stand()
    session.works()


def test_edited_import_lowers_its_importer(session: Session) -> None:
    blocks = session.model.with_name("blocks.py")
    blocks.write_text(BLOCKS.replace("relu", "sin"))
    session.client.save(blocks)
    session.client.sync()
    assert "math.sin" in session.client.content(session.uris["linalg"])


def test_import_edited_by_another_program(session: Session) -> None:
    """No editor says a word: the server watches the file itself."""
    mark = session.client.mark()
    session.model.with_name("blocks.py").write_text(BLOCKS.replace("relu", "cos"))
    session.client.wait_for("workspace/codeLens/refresh", mark)
    session.client.sync()
    assert "math.cos" in session.client.content(session.uris["linalg"])


def test_unwritable_store(tmp_path: Path) -> None:
    folder = (tmp_path / "ws").resolve()
    folder.mkdir()
    (tmp_path / "file").write_text("in the way")
    client = start(folder, tmp_path / "file" / "store")
    Session(client, folder).works()
    messages = [params["message"] for params in client.all("window/logMessage") + client.all("window/showMessage")]
    assert any("cannot make the run store" in message for message in messages), messages
    client.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system needs root")
def test_full_disk(tmp_path: Path) -> None:
    folder = (tmp_path / "ws").resolve()
    folder.mkdir()
    store = tmp_path / "small"
    store.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(store)], capture_output=True)
    if mounted.returncode:
        pytest.skip("cannot mount a tmpfs here: " + mounted.stderr.decode())
    try:
        client = start(folder, store)
        session = Session(client, folder)
        stuffing = store / "stuffing"
        with stuffing.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space"):
            while True:
                file.write(b"x" * 4096)
        session.save(GOOD.replace("x + 1", "x + 2"))
        assert any("No space left" in message for _, message in session.problems()), session.problems()
        session.texts_stand()
        stuffing.unlink()
        session.works()
        client.close()
    finally:
        subprocess.run(["umount", "-l", str(store)], check=False)


def test_missing_torch_mlir(tmp_path: Path) -> None:
    """An interpreter without it: what needs no torch-mlir is made, the rest says how to get it."""
    folder = (tmp_path / "ws").resolve()
    folder.mkdir()
    blocker = tmp_path / "blocked" / "torch_mlir"
    blocker.mkdir(parents=True)
    (blocker / "__init__.py").write_text("raise ImportError('not installed')\n")
    os.environ["PYTHONPATH"] = str(blocker.parent)
    try:
        client = start(folder, tmp_path / "store")
        (folder / "blocks.py").write_text(BLOCKS)
        model = folder / "model.py"
        model.write_text(GOOD)
        client.open(model)
        client.sync()
    finally:
        del os.environ["PYTHONPATH"]
    stages = client.stages(model)
    assert stages["fx"]["status"] == "ok"
    assert stages["linalg"]["status"] == "unavailable"
    assert "pip install torch-mlir" in client.content(stages["linalg"]["uri"])
    client.close()

"""Exported programs as sources: what is loaded, and what is refused at line 1."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")


class Net(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.up = torch.nn.Linear(4, 8)

    def forward(self, x: Any) -> Any:
        return self.up(x).relu()


class Hostile:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return open, (str(self.mark), "w")


def save(path: Path) -> Path:
    torch.export.save(torch.export.export(Net(), (torch.ones(2, 4),)), str(path))
    return path


def rewrite(path: Path, change: Any) -> None:
    """Writes the archive again with `change(name, content)` in place of each member."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, change(name, content))


def load(path: Path) -> Any:
    from irlens_torch.discover.saved_program import load_entries

    return load_entries(path)


def refusal(path: Path) -> str:
    from irlens_worker.provider import StageFailed

    with pytest.raises(StageFailed) as caught:
        load(path)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.frames == [(str(path), 1, 0)]
    return diagnostic.message


def test_entry(tmp_path: Path) -> None:
    (entry,) = load(save(tmp_path / "my net.pt2"))
    assert (entry.name, entry.origin, entry.line) == ("my_net", "exported", 1)
    assert (entry.signature, entry.parameters) == ("f32[2, 4]", 40)


def test_links_lead_to_files_that_exist(tmp_path: Path) -> None:
    from irlens_torch.capture.fx import make_fx

    path = save(tmp_path / "net.pt2")
    (entry,) = load(path)
    assert any(file == __file__ for file in make_fx(entry.payload).links["files"])  # type: ignore[index]
    rewrite(path, lambda name, content: content.replace(__file__.encode(), b"/gone" + __file__.encode()))
    (entry,) = load(path)
    links = make_fx(entry.payload).links
    assert links is not None
    assert not [file for file in links["files"] if file.startswith("/gone")]


def test_not_a_program(tmp_path: Path) -> None:
    path = tmp_path / "x.pt2"
    path.write_bytes(b"")
    assert "the file is empty" in refusal(path)
    path.write_text("import torch")
    assert "no archive" in refusal(path)
    torch.save({"weight": torch.ones(2)}, path)
    assert "holds no exported program" in refusal(path)
    torch.jit.save(torch.jit.trace(torch.sin, torch.ones(2)), str(path))
    assert "name it .pt" in refusal(path)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_truncated(tmp_path: Path, share: float) -> None:
    path = save(tmp_path / "x.pt2")
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    # What is left may look like the archive of the inputs that was inside the archive.
    assert re.search("the archive is damaged|holds no exported program", refusal(path))


def test_foreign_graph(tmp_path: Path) -> None:
    path = save(tmp_path / "x.pt2")
    rewrite(path, lambda name, content: content.replace(b"torch.ops.aten.relu", b"torch.ops.mine.twist"))
    assert "twist" in refusal(path)


@pytest.mark.parametrize("member", ["data/weights/weight_", "data/sample_inputs/"])
def test_pickles_are_not_loaded(tmp_path: Path, member: str) -> None:
    path, mark = save(tmp_path / "x.pt2"), tmp_path / "mark"
    buffer = io.BytesIO()
    torch.save(Hostile(mark), buffer)

    def change(name: str, content: bytes) -> bytes:
        if member in name:
            return buffer.getvalue()
        return content.replace(b'"use_pickle": false', b'"use_pickle": true')

    rewrite(path, change)
    assert "pickled objects" in refusal(path)
    assert not mark.exists()


def test_compiled_code_is_not_loaded(tmp_path: Path) -> None:
    path = tmp_path / "x.pt2"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x/data/aotinductor/model/model.so", b"\x7fELF")
    assert "compiled code" in refusal(path)

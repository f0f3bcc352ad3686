"""From a file without entries to lenses: what the real server says, and what it writes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from client import Client
from real_session import real_session

CLASS = """\
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, channels: int, classes=10):
        super().__init__()
        self.conv = nn.Conv2d(channels, 8, 3)
        self.head = nn.Linear(8, classes)

    def forward(self, image):
        return self.head(self.conv(image).mean(dim=(2, 3)))
"""
CLASS_LINE, HEAD_LINE = 4, 11


class Session:
    def __init__(self, client: Client, workspace: Path) -> None:
        self.client = client
        self.file = workspace / "model.py"

    def save(self, text: str) -> None:
        self.file.write_text(text)
        self.client.change(self.file, text)
        self.client.save(self.file)
        self.client.sync()

    def titles(self, line: int) -> list[str]:
        lenses = self.client.lenses(self.file)
        return [lens["command"]["title"] for lens in lenses if lens["range"]["start"]["line"] == line]

    def diagnostics(self) -> list[Any]:
        published = self.client.all("textDocument/publishDiagnostics")
        return next(p["diagnostics"] for p in reversed(published) if p["uri"] == self.file.as_uri())


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with real_session(tmp_path_factory.mktemp("entries"), "irlens") as (client, workspace):
        session = Session(client, workspace)
        client.initialize("vscode", workspace, stages=["fx"])
        session.file.write_text(CLASS)
        client.open(session.file)
        client.sync()
        yield session


def test_the_lens_writes_inputs_that_work(session: Session) -> None:
    client = session.client
    (lens,) = client.lenses(session.file)
    assert (lens["command"]["title"], lens["range"]["start"]["line"]) == ("irlens: add example inputs", CLASS_LINE)
    client.answers["workspace/applyEdit"] = {"applied": True}
    mark = client.mark()
    client.request(
        "workspace/executeCommand",
        {"command": lens["command"]["command"], "arguments": lens["command"]["arguments"]},
    )
    (edit,) = client.wait_for("workspace/applyEdit", mark)["edit"]["changes"][session.file.as_uri()]
    assert edit["newText"] == "# irlens: Net(3)(torch.randn(1, 3, 32, 32))\n"
    lines = CLASS.splitlines(keepends=True)
    lines.insert(edit["range"]["start"]["line"], edit["newText"])
    session.save("".join(lines))
    titles = session.titles(CLASS_LINE + 1)
    assert titles[0].startswith("▸ Net · ") and any(title.startswith("fx · ") for title in titles)
    assert "irlens: add example inputs" not in titles


def test_a_mismatch_stands_in_forward_with_its_call(session: Session) -> None:
    session.save(CLASS.replace("Linear(8,", "Linear(9,") + "\n__explore__(Net(3), torch.ones(2, 3, 8, 8))\n")
    (diagnostic,) = session.diagnostics()
    assert diagnostic["range"]["start"]["line"] == HEAD_LINE
    assert "mat1 and mat2 shapes cannot be multiplied (2x8 and 9x10)" in diagnostic["message"]
    related = {r["message"]: r["location"]["range"]["start"]["line"] for r in diagnostic["relatedInformation"]}
    assert related["Net.forward was given (image: f32[2, 3, 8, 8])"] == HEAD_LINE + 2


def test_a_call_that_does_not_fit_shows_both_signatures(session: Session) -> None:
    session.save(CLASS + "\n__explore__(Net(3), torch.ones(2, 3, 8, 8), size=3)\n")
    (diagnostic,) = session.diagnostics()
    assert diagnostic["range"]["start"]["line"] == HEAD_LINE + 2
    assert "Net.forward(image) cannot take (f32[2, 3, 8, 8], size=int)" in diagnostic["message"]
    (related,) = diagnostic["relatedInformation"]
    assert related["location"]["range"]["start"]["line"] == HEAD_LINE - 1


def test_a_training_script_ends_at_its_first_step(session: Session) -> None:
    session.save(
        CLASS
        + "\ndef main():\n    net = Net(1)\n    while True:\n        loss = net(torch.randn(4, 1, 8, 8)).sum()\n"
        + "        loss.backward()\n\nif __name__ == '__main__':\n    main()\n"
    )
    (diagnostic,) = session.diagnostics()
    assert (diagnostic["severity"], diagnostic["range"]["start"]["line"]) == (4, HEAD_LINE + 6)
    assert session.titles(HEAD_LINE + 5)[0].startswith("▸ Net · ")

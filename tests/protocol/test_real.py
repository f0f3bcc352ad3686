"""The real server on a real model: torch captures it, irlens-mlir lowers it. One session
per client profile; the tests follow one another as a user's steps do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest
from client import Client
from real_session import real_session

MODEL = """\
import torch
from torch import nn

from blocks import Block


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.block = Block(16)
        self.head = nn.Linear(16, 4)

    def forward(self, x):
        y = self.block(x)
        return self.head(y)


__explore__(Net(), torch.randn(2, 16))
"""
BLOCKS = """\
import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.up = nn.Linear(size, size)

    def forward(self, x):
        return torch.relu(self.up(x))
"""
CLASS, HEAD, CALL = 6, 14, 17  # lines of MODEL, from 0
RELU = 10  # line of BLOCKS, from 0


class Session:
    def __init__(self, client: Client, workspace: Path) -> None:
        self.client = client
        self.model = workspace / "model.py"
        self.blocks = workspace / "blocks.py"

    def uri(self, stage: str) -> str:
        uri = self.client.stages(self.model)[stage]["uri"]
        assert isinstance(uri, str)
        return uri

    def save(self, text: str) -> int:
        """Writes the model, saves, waits. Returns where the messages about it begin."""
        mark = self.client.mark()
        self.model.write_text(text)
        self.client.change(self.model, text)
        self.client.save(self.model)
        self.client.sync()
        return mark

    def diagnostics(self, path: Path, since: int) -> list[dict[str, object]] | None:
        """As published last, None if they were not."""
        published = self.client.all("textDocument/publishDiagnostics", since)
        found = [p["diagnostics"] for p in published if p["uri"] == path.as_uri()]
        return found[-1] if found else None


@pytest.fixture(scope="module", params=["vscode", "neovim"])
def session(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    folder = tmp_path_factory.mktemp(request.param)
    with real_session(folder, "irlens", "irlens-mlir") as (client, workspace):
        (workspace / "model.py").write_text(MODEL)
        (workspace / "blocks.py").write_text(BLOCKS)
        session = Session(client, workspace)
        client.initialize(request.param, workspace)
        client.open(session.model)
        client.sync()
        yield session


def test_lenses(session: Session) -> None:
    lenses = session.client.lenses(session.model)
    for line in (CLASS, CALL):
        titles = [x["command"]["title"] for x in lenses if x["range"]["start"]["line"] == line]
        assert titles[0].startswith("▸ Net · 340 parameters · ")
        for stage in ("torchscript", "fx", "torch", "linalg"):
            assert any(title.startswith(f"{stage} · ") and title.endswith("s") for title in titles), titles
        assert any(title.split()[0] == "nvptx" for title in titles)


def test_every_stage_on_demand(session: Session) -> None:
    """A client without virtual documents opens a file copy, which has the text too."""
    rows = session.client.stages(session.model)
    texts = {stage: session.client.content(row["uri"]) for stage, row in rows.items()}
    session.client.sync()
    texts = {stage: session.client.content(row["uri"]) for stage, row in rows.items()}
    statuses = {stage: row["status"] for stage, row in session.client.stages(session.model).items()}
    assert set(statuses.values()) == {"ok"}, statuses
    assert "linalg.generic" in texts["linalg"] or "linalg.matmul" in texts["linalg"]
    assert "define" in texts["llvm-ir"]
    assert ".visible" in texts["nvptx"] or ".func" in texts["nvptx"]
    for stage, row in rows.items():
        url = urlparse(row["uri"])
        if url.scheme == "file":
            assert Path(unquote(url.path)).read_text() == texts[stage]


def test_links_lead_there_and_back(session: Session) -> None:
    client = session.client
    locations = client.at("implementation", session.model.as_uri(), HEAD)
    target = next(x for x in locations if x["targetUri"] == session.uri("linalg"))
    line = target["targetRange"]["start"]["line"]
    back = client.at("definition", session.uri("linalg"), line)[0]
    assert back["targetUri"] == session.model.as_uri()
    assert back["targetRange"]["start"]["line"] == HEAD
    hover = client.at("hover", session.uri("linalg"), line)["contents"]["value"]
    assert f"model.py:{HEAD + 1}" in hover and "return self.head(y)" in hover
    hover = client.at("hover", session.model.as_uri(), HEAD)["contents"]["value"]
    assert "linalg" in hover and "```" in hover


def test_an_imported_module_has_links_too(session: Session) -> None:
    locations = session.client.at("implementation", session.blocks.as_uri(), RELU)
    uris = {x["targetUri"] for x in locations}
    assert {session.uri("fx"), session.uri("linalg")} <= uris
    line = next(x for x in locations if x["targetUri"] == session.uri("linalg"))["targetRange"]["start"]["line"]
    hover = session.client.at("hover", session.uri("linalg"), line)["contents"]["value"]
    assert f"blocks.py:{RELU + 1}" in hover and "model.py:14" in hover


def test_an_unchanged_save_does_nothing(session: Session) -> None:
    mark = session.save(MODEL)
    assert session.client.all("workspace/textDocumentContent/refresh", mark) == []


def test_a_save_changes_the_documents(session: Session) -> None:
    text = session.client.content(session.uri("linalg"))
    session.save(MODEL.replace("16, 4)", "16, 7)"))
    changed = session.client.content(session.uri("linalg"))
    assert "2x7" in changed
    assert changed != text
    session.save(MODEL)
    assert session.client.content(session.uri("linalg")) == text


def test_saving_an_imported_module_lowers_its_importer(session: Session) -> None:
    text = session.client.content(session.uri("fx"))
    session.blocks.write_text(BLOCKS.replace("torch.relu", "torch.sigmoid"))
    session.client.save(session.blocks)
    session.client.sync()
    assert "sigmoid" in session.client.content(session.uri("fx"))
    session.blocks.write_text(BLOCKS)
    session.client.save(session.blocks)
    session.client.sync()
    assert session.client.content(session.uri("fx")) == text


@pytest.mark.parametrize(
    ("broken", "line"),
    [
        (MODEL.replace("        return self.head(y)", "        return self.head(y"), HEAD),
        (MODEL.replace("self.head(y)", "self.head(y) + oops"), HEAD),
        (MODEL.replace("nn.Linear(16, 4)", "nn.Linear(15, 4)"), HEAD),
    ],
    ids=["syntax", "name", "shape"],
)
def test_a_mistake_is_told_on_its_line_and_the_documents_stay(session: Session, broken: str, line: int) -> None:
    uri = session.uri("linalg")
    text = session.client.content(uri)
    mark = session.save(broken)
    diagnostics = session.diagnostics(session.model, mark)
    assert diagnostics
    assert line in [d["range"]["start"]["line"] for d in diagnostics], diagnostics  # type: ignore[index]
    assert session.client.content(uri) == text
    mark = session.save(MODEL)
    assert session.diagnostics(session.model, mark) == []
    assert session.client.content(session.uri("linalg")) == text

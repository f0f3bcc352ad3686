"""Documents, lenses, links, diagnostics and progress, with scripted workers."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import pytest
from client import Client
from servers import MODEL, Connect


def titles(lenses: list[dict[str, Any]]) -> list[str]:
    return [lens["command"]["title"] for lens in lenses]


@pytest.fixture
def client(connect: Connect, workspace: Path) -> Client:
    client = connect()
    client.initialize(root=workspace)
    return client


def test_save_refreshes_what_changed(client: Client, model: Path) -> None:
    client.open(model)
    client.sync()
    assert any(title.startswith("linalg · 4 ops") for title in titles(client.lenses(model)))
    uri = client.stages(model)["linalg"]["uri"]
    assert 'linalg.op "return relu(x)"' in client.content(uri)
    mark = client.mark()
    model.write_text(MODEL + "more = 1\n")
    client.save(model)
    client.sync()
    assert client.all("workspace/textDocumentContent/refresh", mark) == [{"uri": uri}]
    assert client.all("workspace/codeLens/refresh", mark)
    assert "more = 1" in client.content(uri)


def test_save_before_the_change_that_belongs_to_it(client: Client, model: Path) -> None:
    client.open(model)
    client.sync()
    model.write_text("first = 1\n" + MODEL)
    client.save(model)
    client.change(model, "first = 1\n" + MODEL, version=None)
    client.sync()
    assert "first = 1" in client.content(client.stages(model)["fx"]["uri"])
    assert client.lenses(model)[0]["range"]["start"]["line"] == 1


@pytest.mark.parametrize("uri", ["git:/ws/a.py", "untitled:Untitled-1", "vscode-notebook-cell:/a.ipynb#W0", "x"])
def test_unknown_schemes(client: Client, uri: str) -> None:
    item = {"uri": uri, "languageId": "python", "version": None, "text": MODEL}
    client.notify("textDocument/didOpen", {"textDocument": item})
    client.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
    for method in ("hover", "definition", "implementation"):
        assert client.at(method, uri, 0) is None
    assert client.request("textDocument/codeLens", {"textDocument": {"uri": uri}}) is None
    client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    assert client.shut_down() == 0


@pytest.mark.parametrize(
    ("encodings", "chosen", "end"),
    [(None, "utf-16", 18), (["utf-8", "utf-16"], "utf-8", 20), (["utf-32"], "utf-32", 17), (["x"], "utf-16", 18)],
)
def test_columns_in_three_encodings(
    connect: Connect, workspace: Path, encodings: list[str] | None, chosen: str, end: int
) -> None:
    path = workspace / "a.py"
    # One character beyond the basic plane, and a diagnostic that ends behind it.
    path.write_text(MODEL + 'text = "😀" + tail  # fake: fail linalg\n')
    client = connect()
    capabilities = {"general": {"positionEncodings": encodings}} if encodings else {}
    result = client.request("initialize", {"capabilities": capabilities})
    assert result["capabilities"]["positionEncoding"] == chosen
    client.notify("initialized", {})
    client.open(path)
    client.sync()
    published = client.wait_for("textDocument/publishDiagnostics")
    expected = {"start": {"line": 5, "character": 0}, "end": {"line": 5, "character": end}}
    assert published["diagnostics"][0]["range"] == expected
    # An edit behind it, in the same units: the name `tail` is replaced.
    edit = {"start": {"line": 5, "character": end - 4}, "end": {"line": 5, "character": end}}
    start = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}
    changes = [{"range": edit, "text": "head"}, {"range": start, "text": "\n"}]
    document = {"uri": path.as_uri(), "version": 2}
    client.notify("textDocument/didChange", {"textDocument": document, "contentChanges": changes})
    assert client.lenses(path)[0]["range"]["start"]["line"] == 1


def test_large_documents(connect: Connect, workspace: Path) -> None:
    path = workspace / "a.py"
    path.write_text(MODEL + "# fake: pad 45000000\n")
    client = connect()
    client.initialize(maxDocumentMegabytes=64, stages=["linalg"])
    client.open(path)
    client.sync()
    uri = client.stages(path)["linalg"]["uri"]
    text = client.content(uri)
    assert len(text) > 45_000_000
    # VS Code sends it all back, and asks on.
    item = {"uri": uri, "languageId": "mlir", "version": 1, "text": text}
    client.notify("textDocument/didOpen", {"textDocument": item})
    assert client.at("definition", uri, 1)
    assert client.at("hover", uri, 1)
    assert client.shut_down() == 0


def test_long_documents_are_cut_by_default(client: Client, workspace: Path) -> None:
    path = workspace / "a.py"
    path.write_text(MODEL + "# fake: pad 20000000\n")
    client.open(path)
    client.sync()
    text = client.content(client.stages(path)["linalg"]["uri"])
    assert len(text) < 9_000_000
    first = text.splitlines()[0]
    assert first.startswith("// irlens: the first 8.0 of 19.1 MB")
    assert Path(first.rsplit(": ", 1)[1]).stat().st_size > 20_000_000


def test_failure_is_told_on_the_line_and_goes_away(client: Client, model: Path) -> None:
    client.open(model)
    client.sync()
    uri = client.stages(model)["linalg"]["uri"]
    good = client.content(uri)
    mark = client.mark()
    model.write_text(MODEL.replace("relu(x)", "relu(x)  # fake: fail linalg"))
    client.save(model)
    client.sync()
    published = client.wait_for("textDocument/publishDiagnostics", mark)
    (diagnostic,) = published["diagnostics"]
    assert diagnostic["range"]["start"] == {"line": 2, "character": 8}
    assert diagnostic["code"] == "linalg"
    assert "torch.aten.x" in diagnostic["message"]
    assert diagnostic["relatedInformation"]
    assert any("linalg ✗ torch.aten.x" in title for title in titles(client.lenses(model)))
    assert client.content(uri) == good
    mark = client.mark()
    model.write_text(MODEL)
    client.save(model)
    client.sync()
    assert client.wait_for("textDocument/publishDiagnostics", mark)["diagnostics"] == []


def test_progress_can_be_cancelled(client: Client, model: Path) -> None:
    model.write_text(MODEL + "# fake: hang fx\n")
    client.open(model)
    begin = client.wait_for("$/progress")
    assert begin["value"]["kind"] == "begin" and begin["value"]["cancellable"]
    client.notify("window/workDoneProgress/cancel", {"token": begin["token"]})
    client.sync()
    assert client.all("$/progress")[-1]["value"]["kind"] == "end"


def test_requests_are_answered_while_a_run_hangs(client: Client, model: Path) -> None:
    client.open(model)
    client.sync()
    uri = client.stages(model)["linalg"]["uri"]
    good = client.content(uri)
    model.write_text(MODEL + "# fake: hang torch\n")
    mark = client.mark()
    client.save(model)
    client.wait_for("$/progress", mark)
    assert client.content(uri) == good
    assert client.at("hover", uri, 1)
    assert any(title == "linalg …" for title in titles(client.lenses(model)))


def test_commands(client: Client, model: Path) -> None:
    client.open(model)
    client.sync()
    names = client.received[0]["result"]["capabilities"]["executeCommandProvider"]["commands"]
    ours = ("showDocument", "run", "cancel", "stages", "passes", "pass", "steps", "addInputs")
    assert set(names) == {f"irlens.{name}" for name in ours}
    uri = client.stages(model)["linalg"]["uri"]
    client.request("workspace/executeCommand", {"command": "irlens.showDocument", "arguments": [uri]})
    assert client.wait_for("window/showDocument")["uri"] == uri
    for command in ("irlens.run", "irlens.cancel"):
        client.request("workspace/executeCommand", {"command": command, "arguments": [model.as_uri()]})
    client.sync()


def test_documents_that_an_editor_reopens_after_a_restart(connect: Connect, model: Path) -> None:
    first = connect()
    first.initialize()
    first.open(model)
    first.sync()
    uri = first.stages(model)["linalg"]["uri"]
    assert first.shut_down() == 0
    second = connect()
    second.initialize()
    assert second.content(uri) == "// irlens: Linalg: pending\n"
    second.sync()
    assert second.all("workspace/textDocumentContent/refresh")[-1] == {"uri": uri}
    assert "linalg.op" in second.content(uri)
    unknown = second.content("irlens://ir/gone-01234567/Net/linalg.mlir")
    assert unknown.startswith("// irlens: it is not known which file")


def test_file_copies_for_clients_without_virtual_documents(connect: Connect, workspace: Path, model: Path) -> None:
    client = connect()
    client.initialize("neovim", workspace)
    client.open(model)
    client.sync()
    lens = next(lens for lens in client.lenses(model) if lens["command"]["title"].startswith("linalg"))
    assert lens["command"]["command"] == "irlens.showDocument"
    uri = lens["command"]["arguments"][0]
    copy = Path(unquote(urlparse(uri).path))
    assert copy.stat().st_mode & 0o777 == 0o444
    assert client.at("definition", uri, 1)[0]["targetUri"] == model.as_uri()
    client.request("workspace/executeCommand", {"command": "irlens.showDocument", "arguments": [uri]})
    assert client.wait_for("window/showMessage")["message"] == str(copy)
    model.write_text(MODEL + "more = 1\n")
    client.save(model)
    client.sync()
    assert "more = 1" in copy.read_text()


@pytest.mark.parametrize("profile", ["vscode", "neovim", "neovim_plugin", "vim", "bare"])
def test_one_session_as_each_client_has_it(connect: Connect, workspace: Path, model: Path, profile: str) -> None:
    """What a client may receive depends on what it has said; wire.py checks the shapes."""
    client = connect()
    client.initialize(profile, workspace)
    model.write_text(MODEL + "y = f()  # fake: fail llvm-ir\n")
    client.open(model, version=0)
    client.sync()
    uri = client.stages(model)["linalg"]["uri"]
    virtual = profile in ("vscode", "neovim_plugin")
    assert uri.startswith("irlens://" if virtual else "file://")
    client.content(uri)
    client.at("hover", uri, 1)
    client.at("hover", model.as_uri(), 2)
    definition = client.at("definition", uri, 1)[0]
    assert ("targetUri" in definition) == (profile != "bare")
    implementation = client.at("implementation", model.as_uri(), 2)
    assert len(implementation) > 5
    assert client.lenses(model)
    model.write_text(MODEL)
    client.save(model)
    client.sync()
    seen = {m["method"] for m in client.received if "method" in m}
    if profile == "bare":
        assert seen <= {"textDocument/publishDiagnostics", "window/logMessage", "window/showMessage"}
    assert ("workspace/codeLens/refresh" in seen) == virtual
    assert ("workspace/textDocumentContent/refresh" in seen) == virtual
    assert ("client/registerCapability" in seen) == (profile == "vscode")
    assert ("workspace/configuration" in seen) == (profile in ("vscode", "vim"))
    assert client.shut_down() == 0

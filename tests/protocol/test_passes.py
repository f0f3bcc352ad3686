"""The passes of a Triton kernel: the list, a document per pass, links, commands; recorded only
when somebody looks. The real server with its real worker."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import pytest
from client import Client, RpcError
from real_session import real_session
from servers import ROOT

pytest.importorskip("triton")
pytest.importorskip("torch")

KERNEL = """\
import torch
import triton
import triton.language as tl


@triton.jit
def scale(x_ptr, n, BLOCK: tl.constexpr):
    offsets = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    x = tl.load(x_ptr + offsets, mask=offsets < n)
    y = x * 2.5
    tl.store(x_ptr + offsets, y, mask=offsets < n)


x = torch.rand(4096, device="cuda")
scale[(4,)](x, 4096, BLOCK=1024)
"""
MULTIPLY = 9  # line of KERNEL, from 0


class Session:
    def __init__(self, client: Client, workspace: Path) -> None:
        self.client = client
        self.store = workspace.parent / "store"
        self.kernel = workspace / "kernel.py"
        self.kernel.write_text(KERNEL)

    def passes(self, stage: str, *more: bool) -> dict[str, Any]:
        arguments = [self.kernel.as_uri(), "scale", stage, *more]
        answer = self.client.request("workspace/executeCommand", {"command": "irlens.passes", "arguments": arguments})
        assert isinstance(answer, dict)
        return answer

    def recorded(self) -> set[str]:
        return {path.parent.name for path in self.store.rglob("passes.json")}

    def text(self, uri: str) -> str:
        url = urlparse(uri)
        return Path(unquote(url.path)).read_text() if url.scheme == "file" else self.client.content(uri)


@pytest.fixture(scope="module", params=["vscode", "neovim"])
def session(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with real_session(tmp_path_factory.mktemp(request.param)) as (client, workspace):
        session = Session(client, workspace)
        client.initialize(request.param, workspace)
        client.open(session.kernel)
        client.sync()
        yield session


def line_of(text: str, words: str) -> int:
    return next(number for number, line in enumerate(text.splitlines()) if words in line)


def test_nothing_is_recorded_by_a_save(session: Session) -> None:
    assert session.client.stages(session.kernel)["ttgir"]["status"] == "ok"
    assert session.recorded() == set()


def test_the_list_comes_when_it_is_asked_for(session: Session) -> None:
    answer = session.passes("ttgir")
    assert answer["status"] == "pending" and answer["passes"] == []
    assert session.text(answer["uri"]) == "# irlens: TTGIR passes of scale: pending\n"
    session.client.sync()
    answer = session.passes("ttgir")
    assert answer["status"] == "ok"
    assert session.recorded() == {"ttgir.passes"}
    lines = session.text(answer["uri"]).splitlines()
    assert lines[0].split() == ["#", "stage", "pass", "ms", "changed", "ops"]
    assert len(lines) == len(answer["passes"]) + 1 > 10
    for line, row in zip(lines[1:], answer["passes"], strict=True):
        assert row["name"] in line and ("*" in line) == row["changed"]


def test_a_client_may_wait_for_the_list(session: Session) -> None:
    answer = session.passes("ttir", True)
    assert answer["status"] == "ok" and len(answer["passes"]) > 3
    assert session.recorded() == {"ttir.passes", "ttgir.passes"}


def test_a_line_of_the_list_leads_to_its_pass(session: Session) -> None:
    answer = session.passes("ttgir")
    line = line_of(session.text(answer["uri"]), "ttgpuir.coalesce")
    (location,) = session.client.at("definition", answer["uri"], line)
    assert location["targetUri"] == answer["passes"][line - 1]["uri"]
    assert ".passes.002-ttgpuir.coalesce.mlir" in location["targetUri"]
    links = session.client.request("textDocument/documentLink", {"textDocument": {"uri": answer["uri"]}})
    assert [link["target"] for link in links] == [row["uri"] for row in answer["passes"]]
    assert session.client.at("definition", answer["uri"], 0) is None


def test_a_pass_is_a_document_with_links(session: Session) -> None:
    client = session.client
    rows = {row["name"]: row for row in session.passes("ttgir")["passes"]}
    before, after = rows["input"]["uri"], rows["ttir.convert_to_ttgpuir"]["uri"]
    assert "#blocked" not in session.text(before) and "#blocked" in session.text(after)
    assert "loc(" not in session.text(after)
    line = line_of(session.text(after), "arith.mulf")
    (location,) = client.at("definition", after, line)
    assert location["targetUri"] == session.kernel.as_uri()
    assert location["targetRange"]["start"]["line"] == MULTIPLY
    hover = client.at("hover", after, line)["contents"]["value"]
    assert "ttir.convert_to_ttgpuir" in hover and "y = x * 2.5" in hover


def test_a_pass_leads_to_its_neighbours(session: Session) -> None:
    rows = session.passes("ttgir")["passes"]
    arguments = {"command": "irlens.pass", "arguments": [rows[1]["uri"]]}
    place = session.client.request("workspace/executeCommand", arguments)
    assert place["list"] == session.passes("ttgir")["uri"]
    assert [place[name] for name in ("previous", "before", "uri", "next")] == [rows[i]["uri"] for i in (0, 0, 1, 2)]
    lenses = session.client.request("textDocument/codeLens", {"textDocument": {"uri": rows[1]["uri"]}})
    titles = [lens["command"]["title"] for lens in lenses]
    assert titles[0].startswith(f"▸ pass 2 of {len(rows)} · changed · ") and titles[1] == "◂ input"
    diffs = [lens["command"]["arguments"][:2] for lens in lenses if lens["command"]["command"] == "irlens.diff"]
    is_plugin = rows[0]["uri"].startswith("irlens:")
    assert diffs == ([[rows[0]["uri"], rows[1]["uri"]]] if is_plugin else [])


def test_a_pass_that_changed_nothing_has_a_document_too(session: Session) -> None:
    rows = session.passes("ttgir")["passes"]
    index = next(row["index"] for row in rows if not row["changed"])
    assert session.text(rows[index]["uri"]) == session.text(rows[index - 1]["uri"])


def test_a_save_refreshes_open_documents(session: Session) -> None:
    client = session.client
    answer = session.passes("ttgir")
    uri = next(row["uri"] for row in answer["passes"] if row["name"] == "ttgpuir.coalesce")
    text = session.text(uri)
    item = {"uri": uri, "languageId": "mlir", "version": 1, "text": text}
    client.notify("textDocument/didOpen", {"textDocument": item})
    mark = client.mark()
    changed = KERNEL.replace("2.5", "7.5")
    session.kernel.write_text(changed)
    client.change(session.kernel, changed)
    client.save(session.kernel)
    client.sync()
    assert "7.5" in session.text(uri) or "7.500000e+00" in session.text(uri)
    if uri.startswith("irlens:"):
        refreshed = [params["uri"] for params in client.all("workspace/textDocumentContent/refresh", mark)]
        assert refreshed.count(uri) == 1
    session.kernel.write_text(KERNEL)
    client.change(session.kernel, KERNEL)
    client.save(session.kernel)
    client.sync()
    assert session.text(uri) == text


def test_stages_that_have_none(session: Session) -> None:
    for stage in ("ptx", "nothing"):
        with pytest.raises(RpcError, match="records passes"):
            session.passes(stage)


def test_a_kernel_that_does_not_compile(session: Session) -> None:
    """The list says why there is none; asking again does not begin anything."""
    client = session.client
    broken = KERNEL.replace("y = x * 2.5", "y = x * missing")
    session.kernel.write_text(broken)
    client.change(session.kernel, broken)
    client.save(session.kernel)
    client.sync()
    uri = session.passes("triton-llvm-ir")["uri"]
    client.sync()
    text = client.content(uri)
    assert "missing" in text and text.startswith("# irlens: LLVM IR passes of scale: failed"), text
    mark = client.mark()
    client.content(uri)
    client.sync()
    assert client.all("workspace/textDocumentContent/refresh", mark) == []


def test_a_kernel_in_which_a_pass_fails(session: Session) -> None:
    """What was made before it stays visible: the real worker, a real pass."""
    client = session.client
    path = session.kernel.with_name("copy.ttir")
    text = (ROOT / "tests/editors/copy.ttir").read_text()
    wave = "    %wave = math.tanh %values : tensor<128xf32>\n    tt.store %target, %wave"
    path.write_text(text.replace("    tt.store %target, %values", wave))
    line = line_of(path.read_text(), "math.tanh")
    client.open(path)
    client.sync()
    arguments = {"command": "irlens.passes", "arguments": [path.as_uri(), "copy", "ttgir"]}
    uri = client.request("workspace/executeCommand", arguments)["uri"]
    client.sync()
    answer = client.request("workspace/executeCommand", arguments)
    assert answer["status"] == "failed"
    first, failing = answer["passes"]
    assert (first["failed"], failing["failed"]) == (False, True)
    assert failing["name"] == "ttir.convert_to_ttgpuir"
    rows = session.text(uri).splitlines()
    assert " failed " in rows[2] and rows[3] == "# irlens: TTGIR passes of copy: failed"
    assert any("in pass ttir.convert_to_ttgpuir" in row for row in rows[3:])
    links = client.request("textDocument/documentLink", {"textDocument": {"uri": uri}})
    assert [link["target"] for link in links] == [first["uri"], failing["uri"]]
    before, given = session.text(failing["uri"]), session.text(first["uri"])
    assert before.startswith("// irlens: ttir.convert_to_ttgpuir of copy: failed\n") and before.endswith(given)
    (location,) = client.at("definition", failing["uri"], line_of(before, "= math.tanh"))
    assert location["targetUri"] == path.as_uri() and location["targetRange"]["start"]["line"] == line
    # The stage's own document has that text as well, and the diagnostic names the pass.
    assert "= math.tanh" in session.text(client.stages(path)["ttgir"]["uri"])
    (found,) = client.all("textDocument/publishDiagnostics")[-1]["diagnostics"]
    assert found["range"]["start"]["line"] == line and "math.tanh" in found["message"]
    assert "in pass ttir.convert_to_ttgpuir" in json.dumps(found)

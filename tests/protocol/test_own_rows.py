"""A user's rows on the real server: an .mlir file beside a .irlens.json, saved, broken and mended."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from client import Client
from real_session import real_session

SOURCE = """\
func.func @relu(%x: tensor<16xf32>) -> tensor<16xf32> {
  %zero = arith.constant dense<0.0> : tensor<16xf32>
  %max = arith.maximumf %x, %zero : tensor<16xf32>
  return %max : tensor<16xf32>
}
"""
STEPS = [
    "mlir-opt --convert-elementwise-to-linalg",
    "mlir-opt --one-shot-bufferize='bufferize-function-boundaries' --convert-linalg-to-affine-loops",
]
PLACE = '"mlir-opt --convert-elementwise-to-linalg"'


class Session:
    def __init__(self, client: Client, workspace: Path) -> None:
        self.client = client
        self.file = workspace / "relu.mlir"
        self.configuration = workspace / ".irlens.json"

    def configure(self, steps: list[str]) -> int:
        """Saves the configuration as an editor does. Returns where the messages about it begin."""
        mark = self.client.mark()
        rows = [{"id": "loops", "from": "ir", "steps": steps}]
        self.configuration.write_text(json.dumps({"rows": rows}, indent=1))
        self.client.save(self.configuration)
        self.client.sync()
        return mark

    def stage(self, name: str) -> dict[str, Any]:
        return self.client.stages(self.file)[name]

    def steps(self) -> list[dict[str, Any]]:
        arguments = [self.file.as_uri(), "relu", "loops"]
        found = self.client.request("workspace/executeCommand", {"command": "irlens.steps", "arguments": arguments})
        steps: list[dict[str, Any]] = found["steps"]
        return steps

    def problems(self, path: Path, since: int = 0) -> list[dict[str, Any]]:
        """As published last."""
        published = self.client.all("textDocument/publishDiagnostics", since)
        found: list[list[dict[str, Any]]] = [p["diagnostics"] for p in published if p["uri"] == path.as_uri()]
        return found[-1] if found else []


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with real_session(tmp_path_factory.mktemp("rows"), "irlens", "irlens-mlir") as (client, workspace):
        session = Session(client, workspace)
        session.file.write_text(SOURCE)
        session.configuration.write_text(json.dumps({"rows": [{"id": "loops", "from": "ir", "steps": STEPS}]}))
        client.initialize("vscode", workspace, trustedFolders=[str(workspace)])
        client.open(session.file)
        client.sync()
        yield session


def test_a_row_is_made_and_its_steps_are_documents(session: Session) -> None:
    loops = session.stage("loops")
    session.client.content(loops["uri"])
    session.client.sync()
    assert session.stage("loops")["status"] == "ok"
    assert "affine.for" in session.client.content(loops["uri"])
    first, last = session.steps()
    assert (first["status"], last["status"]) == ("ok", "ok")
    text = session.client.content(first["uri"])
    assert "linalg.generic" in text and "affine.for" not in text


def test_lines_of_a_step_lead_to_the_source(session: Session) -> None:
    uri = session.steps()[0]["uri"]
    lines = session.client.content(uri).splitlines()
    line = next(i for i, text in enumerate(lines) if "arith.maximumf" in text)
    targets = session.client.at("definition", uri, line, 8)
    place = targets[0] if isinstance(targets, list) else targets
    start = (place.get("targetSelectionRange") or place.get("targetRange") or place["range"])["start"]
    assert (place.get("targetUri") or place["uri"]) == session.file.as_uri()
    assert start["line"] == 2


def test_a_wrong_pass_is_told_where_it_stands_and_what_was_there_stays(session: Session) -> None:
    good = session.client.content(session.stage("loops")["uri"])
    mark = session.configure([STEPS[0].replace("linalg", "linalgg"), STEPS[1]])
    (problem,) = session.problems(session.configuration, mark)
    written = session.configuration.read_text().splitlines()[problem["range"]["start"]["line"]]
    at = slice(problem["range"]["start"]["character"], problem["range"]["end"]["character"])
    assert "convert-elementwise-to-linalgg" in written[at]
    assert "convert-elementwise-to-linalg" in problem["message"]
    assert good.splitlines()[-3:] == session.client.content(session.stage("loops")["uri"]).splitlines()[-3:]


def test_a_step_that_fails_keeps_those_before_it(session: Session) -> None:
    session.configure([STEPS[0], "mlir-opt --convert-linalg-to-affine-loops --debug-pass-nonsense"])
    session.client.content(session.stage("loops")["uri"])
    session.client.sync()
    first, last = session.steps()
    assert (first["status"], last["status"]) == ("ok", "failed")
    (problem,) = session.problems(session.configuration)
    assert "debug-pass-nonsense" in problem["message"]


def test_mended_it_is_made_again_and_nothing_is_left_of_the_problem(session: Session) -> None:
    session.configure(STEPS)
    session.client.content(session.stage("loops")["uri"])
    session.client.sync()
    assert session.problems(session.configuration) == []
    assert session.stage("loops")["status"] == "ok"
    assert "affine.for" in session.client.content(session.stage("loops")["uri"])


def test_a_tool_that_is_built_anew_makes_its_text_anew(session: Session) -> None:
    """Nothing is saved in the editor: a compiler engineer rebuilds a tool in a terminal."""
    tool = session.file.parent / "my-opt"
    tool.write_text("#!/bin/sh\nsed s/relu/first/ $1\n")
    tool.chmod(0o755)
    rows = [{"id": "loops", "from": "ir", "steps": [{"command": [str(tool), "{input}"]}]}]
    session.configuration.write_text(json.dumps({"rows": rows}))
    session.client.save(session.configuration)
    session.client.sync()
    uri = session.stage("loops")["uri"]
    session.client.content(uri)
    session.client.sync()
    assert "@first" in session.client.content(uri)
    mark = session.client.mark()
    (session.file.parent / "my-opt.new").write_text(tool.read_text().replace("first", "second"))
    (session.file.parent / "my-opt.new").chmod(0o755)
    (session.file.parent / "my-opt.new").rename(tool)
    session.client.wait_for("workspace/textDocumentContent/refresh", mark)
    session.client.sync()
    assert "@second" in session.client.content(uri)

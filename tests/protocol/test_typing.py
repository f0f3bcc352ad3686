"""While somebody types in an IR file, parser and verifier say what is wrong, with exact ranges;
on a save the run's own word takes over. The real server with the real irlens-mlir."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from client import Client
from real_session import real_session

# By extension: a text, one with a mistake, and where that is (line, first and last column).
GOOD = {
    "mlir": "func.func @f(%x: i32) -> i32 {\n  return %x : i32\n}\n",
    "ll": "define i32 @main() {\n  %x = add i32 1, 2\n  ret i32 %x\n}\n",
}
WRONG = {
    "mlir": ("func.func @f(%x: i32) -> i32 {\n  return %x : i64\n}\n", (1, 9, 11)),
    "ll": ("define i32 @main() {\n  %x = add i32 1, 2.0\n  ret i32 %x\n}\n", (1, 18, 21)),
}
# What only the verifiers see.
INVALID = {
    "mlir": ("func.func @f(%x: i32) -> i32 {\n  return\n}\n", (1, 2, 8)),
    "ll": ("define i32 @main() {\n  %x = add i32 %y, 2\n  %y = add i32 1, 2\n  ret i32 %x\n}\n", (2, 2, 19)),
}


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, Path]]:
    with real_session(tmp_path_factory.mktemp("typing"), "irlens", "irlens-mlir") as (client, workspace):
        client.initialize("vscode", workspace)
        yield client, workspace


def published(client: Client, path: Path, since: int, count: int) -> list[dict[str, Any]]:
    """Waits until so many diagnostics of the file are published."""

    def is_it(message: dict[str, Any]) -> bool:
        params = message.get("params") or {}
        return (
            message.get("method") == "textDocument/publishDiagnostics"
            and params["uri"] == path.as_uri()
            and len(params["diagnostics"]) == count
        )

    diagnostics: list[dict[str, Any]] = client.wait(is_it, since)["params"]["diagnostics"]
    return diagnostics


def place(diagnostic: dict[str, Any]) -> tuple[int, int, int]:
    begin, end = diagnostic["range"]["start"], diagnostic["range"]["end"]
    assert begin["line"] == end["line"]
    return begin["line"], begin["character"], end["character"]


@pytest.mark.parametrize("extension", ["mlir", "ll"])
@pytest.mark.parametrize("mistakes", [WRONG, INVALID], ids=["parser", "verifier"])
def test_diagnostics_follow_the_typing(
    session: tuple[Client, Path], extension: str, mistakes: dict[str, tuple[str, tuple[int, int, int]]]
) -> None:
    client, workspace = session
    wrong, where = mistakes[extension]
    path = workspace / f"{'parser' if mistakes is WRONG else 'verifier'}.{extension}"
    path.write_text(GOOD[extension])
    client.open(path)
    client.sync()

    mark = client.mark()
    client.change(path, wrong)
    (found,) = published(client, path, mark, 1)
    assert place(found) == where
    assert found["severity"] == 1

    mark = client.mark()
    client.change(path, GOOD[extension])
    published(client, path, mark, 0)

    client.change(path, wrong)
    client.sync()
    path.write_text(wrong)
    client.save(path)
    client.sync()
    everything = client.all("textDocument/publishDiagnostics")
    (last,) = [params["diagnostics"] for params in everything if params["uri"] == path.as_uri()][-1]
    assert last["range"]["start"]["line"] == where[0]
    # A save makes no stage of LLVM IR: there the check's own stays.
    assert bool(last.get("code")) == (extension == "mlir")

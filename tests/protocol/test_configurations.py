"""The configurations of an autotuned kernel: each is an entry that has no lens and that is
lowered when somebody looks at it. The real server with its real worker."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from client import Client
from real_session import real_session

pytest.importorskip("triton")
pytest.importorskip("torch")

KERNEL = """\
import torch
import triton
import triton.language as tl


@triton.autotune([triton.Config({"BLOCK": 512}, num_warps=w) for w in (2, 4, 8)], key=["n"])
@triton.jit
def scale(x_ptr, n, BLOCK: tl.constexpr):
    offsets = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    tl.store(x_ptr + offsets, tl.load(x_ptr + offsets, mask=offsets < n) * 2.5, mask=offsets < n)


x = torch.rand(4096, device="cuda")
scale[(4,)](x, 4096)
"""


class Session:
    def __init__(self, client: Client, workspace: Path) -> None:
        self.client = client
        self.kernel = workspace / "kernel.py"
        self.kernel.write_text(KERNEL)

    def rows(self, *more: bool) -> dict[tuple[str, str], dict[str, Any]]:
        arguments = [self.kernel.as_uri(), *more]
        answer = self.client.request("workspace/executeCommand", {"command": "irlens.stages", "arguments": arguments})
        return {(row["entry"], row["stage"]): row for row in answer}


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with real_session(tmp_path_factory.mktemp("configurations")) as (client, workspace):
        session = Session(client, workspace)
        client.initialize("vscode", workspace)
        client.open(session.kernel)
        client.sync()
        yield session


def test_a_save_makes_none_of_them(session: Session) -> None:
    assert {entry for entry, _ in session.rows()} == {"scale"}
    rows = session.rows(True)
    assert {entry for entry, _ in rows} == {"scale", "scale.c1", "scale.c2", "scale.c3"}
    assert rows["scale", "ptx"]["status"] == "ok"
    assert {row["status"] for (entry, _), row in rows.items() if entry != "scale"} == {"not made"}


def test_they_have_no_lenses(session: Session) -> None:
    lenses = session.client.request("textDocument/codeLens", {"textDocument": {"uri": session.kernel.as_uri()}})
    commands = [str(lens["command"]) for lens in lenses]
    assert any("ptx" in command for command in commands) and not any("scale.c" in command for command in commands)


def test_the_one_that_is_looked_at_is_made(session: Session) -> None:
    uri = session.rows(True)["scale.c3", "ptx"]["uri"]
    assert "pending" in session.client.content(uri)
    session.client.sync()
    threads = re.search(r"\.(?:reqntid|maxntid) (\d+)", session.client.content(uri))
    assert threads and threads[1] == str(8 * 32)
    rows = session.rows(True)
    assert rows["scale.c3", "ptx"]["status"] == "ok"
    assert rows["scale.c1", "ptx"]["status"] == "not made"


def test_it_follows_a_save(session: Session) -> None:
    session.kernel.write_text(KERNEL.replace("2.5", "5.5"))
    session.client.save(session.kernel)
    session.client.sync()
    rows = session.rows(True)
    assert rows["scale.c3", "ttgir"]["status"] == "ok"
    text = session.client.content(rows["scale.c3", "ttgir"]["uri"])
    assert "5.5" in text and '"ttg.num-warps" = 8' in text
    assert rows["scale.c2", "ttgir"]["status"] == "not made"

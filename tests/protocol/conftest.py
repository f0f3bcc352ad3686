"""The servers under test and the sessions with them. Whatever a session received is
checked against the types of LSP when its test is over (wire.py)."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from client import Client
from servers import BIN, MODEL, Connect
from wire import check_session


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "ws"
    folder.mkdir()
    return folder.resolve()


@pytest.fixture
def connect(tmp_path: Path, workspace: Path) -> Iterator[Connect]:
    """Starts servers: connect() one with scripted workers, connect("irlens") one with
    the real ones, with the flags that follow."""
    sessions: list[Client] = []

    def start(server: str = "fake", *flags: str) -> Client:
        program = BIN / ("irlens_fake_server" if server == "fake" else "irlens")
        if not program.exists():
            pytest.fail(f"{program} is missing: make build-test", pytrace=False)
        command = [str(program), *([] if server == "fake" else ["lsp"]), "--store", str(tmp_path / "store")]
        session = Client([*command, *flags], workspace, {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")})
        sessions.append(session)
        return session

    yield start
    for session in sessions:
        session.close()
    for session in sessions:
        check_session(session.received, session.requests)


@pytest.fixture(params=["fake", "irlens"])
def server(request: pytest.FixtureRequest, connect: Connect) -> Client:
    """Both servers. The real one runs the system's interpreter, which has no torch:
    these tests are about messages, and need no worker that takes seconds to start."""
    flags = [] if request.param == "fake" else ["--python", "/usr/bin/python3"]
    return connect(request.param, *flags)


@pytest.fixture
def model(workspace: Path) -> Path:
    path = workspace / "model.py"
    path.write_text(MODEL)
    return path

"""The real server with the real workers, for a whole module's tests: started, shut down as a
client does, and what it said checked."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from client import Client
from servers import BIN, ROOT
from wire import check_session


@contextlib.contextmanager
def real_session(folder: Path, *needs: str) -> Iterator[tuple[Client, Path]]:
    """The client and its empty workspace below `folder`; skips without the programs in `needs`."""
    python = Path(os.environ.get("IRLENS_PYTHON") or ROOT / ".venv" / "bin" / "python")
    for program in [*(BIN / name for name in needs), python] if needs else []:
        if not program.exists():
            pytest.skip(f"{program} is missing: make build-test")
    workspace = (folder / "ws").resolve()
    workspace.mkdir()
    command = [str(BIN / "irlens"), "lsp", "--store", str(folder / "store"), "--python", str(python)]
    client = Client(command, workspace, dict(os.environ))
    yield client, workspace
    try:
        assert client.shut_down() == 0
        check_session(client.received, client.requests)
    finally:
        client.close()

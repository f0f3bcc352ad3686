"""Messages that come in parts: Vim 9.0 drops one when its parts are 100 ms apart."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import BINARIES, opened
from drivers import until

_RELAY = Path(__file__).with_name("stutter.py")


def test_lost_replies_are_asked_for_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IRLENS_STUTTERS", str(BINARIES / "irlens"))
    with opened("vim", tmp_path, _RELAY) as editor:
        until("a lens", lambda: "linalg ·" in editor.screen(), 120)
        editor.command("IRLens linalg")
        until("the document", lambda: "func.func" in editor.lines("linalg.mlir"))
        editor.command("execute bufwinnr('model.py') .. 'wincmd w'")
        editor.command("call cursor(14, 20)")
        editor.command("IRLensHover")
        until("the ops in a window", lambda: "relu" in editor.screen().replace("torch.relu(self", ""))

"""Makes the worker's packages importable, and offers what several tests need."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "engine/worker"), str(ROOT / "ir_lowering/torch")]


@pytest.fixture
def discover(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """Finds the entries of a text as the worker does, in this process.

    Returns the discovery and its entries; None instead of entries if the file is not worth
    running.
    """
    pytest.importorskip("torch")
    import builtins

    from irlens_torch.discover.discovery import TorchDiscovery
    from irlens_worker.script import ScriptStopped, Source

    def run(text: str) -> Any:
        path = str(tmp_path / "model.py")
        Path(path).write_text(text)  # torch.jit.script reads it
        linecache.checkcache(path)
        discovery = TorchDiscovery(Source(path, text.encode()), 0)
        if not discovery.worth_running():
            return discovery, None
        main = ModuleType("__main__")
        monkeypatch.setitem(sys.modules, "__main__", main)
        namespace = vars(main)
        planted = discovery.planted()
        vars(builtins).update(planted)
        complete = False
        try:
            with discovery.watching():
                exec(compile(text, path, "exec"), namespace)
            complete = True
        except ScriptStopped:
            complete = True
        finally:
            for name in planted:
                delattr(builtins, name)
            entries = discovery.finish(namespace, complete)
            if complete and not entries:
                discovery.explain_nothing()
        return discovery, entries

    return run

"""Makes the worker's packages importable, and offers what several tests need."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "engine/worker"), str(ROOT / "ir_lowering/torch")]


@pytest.fixture
def discover(tmp_path: Path) -> Callable[[str], Any]:
    """Finds the entries of a text as the worker does, in this process.

    Returns the discovery and its entries; None instead of entries if the file is not worth
    running.
    """
    pytest.importorskip("torch")
    import builtins

    from irlens_torch.discover import TorchDiscovery
    from irlens_worker.script import Source

    def run(text: str) -> Any:
        path = str(tmp_path / "model.py")
        discovery = TorchDiscovery(Source(path, text.encode()), 0)
        if not discovery.worth_running():
            return discovery, None
        namespace: dict[str, Any] = {"__name__": "__main__"}
        vars(builtins).update(discovery.planted())
        try:
            exec(compile(text, path, "exec"), namespace)
        finally:
            for name in discovery.planted():
                delattr(builtins, name)
        return discovery, discovery.finish(namespace, True)

    return run

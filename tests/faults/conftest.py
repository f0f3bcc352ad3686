"""Fixtures for the fault tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def python_worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """One warm Python worker for all tests: what a test breaks, the next one would see."""
    pytest.importorskip("torch", reason="the Python worker is tested with PyTorch")
    from python_worker import Worker

    worker = Worker(tmp_path_factory.mktemp("worker"))
    yield worker
    worker.close()


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A folder for a run."""
    return tmp_path / "run"

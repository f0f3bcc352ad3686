"""Makes irlens_triton importable, and warms up as the zygote does."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
pytest.importorskip("triton")
# Each test forks: what is imported here is there already.
pytest.importorskip("torch._dynamo")

from kernel_files import Found, runner


@pytest.fixture
def run_file(tmp_path: Path) -> Callable[..., Found]:
    """Runs a text and finds its kernels."""
    return runner(tmp_path)


@pytest.fixture(scope="session", autouse=True)
def warm() -> None:
    """As the zygote does."""
    from irlens_triton.warm import warm_up

    warm_up()

"""Settings of the process that must be made before any library is imported."""

from __future__ import annotations

import os

_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "TORCHINDUCTOR_COMPILE_THREADS",
)


def stay_single_threaded() -> None:
    """Keeps numeric libraries from starting threads: only the forking thread survives a fork."""
    for name in _THREAD_VARIABLES:
        os.environ[name] = "1"


def thread_count() -> int:
    """How many threads this process has."""
    return len(os.listdir("/proc/self/task"))

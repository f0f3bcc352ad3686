"""Where the servers under test are, and the file that most tests lower."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from client import Client

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get("IRLENS_BIN_DIR", ROOT / "build" / "bin"))

# A file that the scripted worker understands (tests/support/fake_worker.py).
MODEL = """class Net:
    def forward(self, x):
        return relu(x)

__explore__(Net, 1)
"""

Connect = Callable[..., Client]

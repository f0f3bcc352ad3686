"""What a disassembler prints of a binary, and what is made of that.

Shared by the readers of SASS and hsaco; called in the processes of their stages.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field

from irlens_worker.protocol import Json

_TIMEOUT = 60


@dataclass
class Disassembly:
    """The text, its links, and the instructions for counting."""

    text: str
    links: Json
    instructions: list[str] = field(default_factory=list)


def print_binary(binary: bytes, suffix: str, command: Sequence[str]) -> str:
    """What a command says about the binary in a file. Raises OSError or subprocess.SubprocessError."""
    with tempfile.NamedTemporaryFile(suffix=suffix) as file:
        file.write(binary)
        file.flush()
        done = subprocess.run([*command, file.name], capture_output=True, text=True, timeout=_TIMEOUT, check=True)
    return done.stdout

"""The text that a stage starts from, when it starts from text: of a stage that was made before, or of a
file that the user has written. Made by the job and by stages' processes, read by the providers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .protocol import Diagnostic, Frame
from .provider import StageFailed

# How files begin that are no text.
_MAGIC = {b"BC\xc0\xde": "LLVM bitcode", b"ML\xefR": "MLIR bytecode", b"\x7fELF": "an ELF object"}


@dataclass(frozen=True)
class GivenText:
    """A file with the text. What it says of a place in itself is about `name`."""

    path: Path
    # The id of the stage whose text it is, as the engine names it.
    stage: str = ""
    format: str = ""
    # The user's own file with the same text, empty if a stage has made the text.
    name: str = ""

    @property
    def place(self) -> list[Frame]:
        """Where to say what no line is known for."""
        return [(self.name, 1, 0)] if self.name else []

    def read(self) -> str:
        """The text. Raises StageFailed with what it is instead."""
        return self.decode(self.read_bytes())

    def read_bytes(self) -> bytes:
        """All of it, whatever it is. Raises StageFailed."""
        try:
            return self.path.read_bytes()
        except OSError as error:
            raise self._failed(f"cannot be read: {error.strerror}") from error

    def decode(self, data: bytes) -> str:
        """`data` as text. Raises StageFailed."""
        kind = next((kind for magic, kind in _MAGIC.items() if data.startswith(magic)), "")
        if kind:
            raise self._failed(f"is {kind}, and the text of it is needed here")
        if b"\0" in data:
            raise self._failed("is binary, and text is needed here")
        try:
            return data.decode()
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise self._failed(f"is no UTF-8 text: byte {data[error.start]:#04x} in line {line}", line) from error

    def rename(self, text: str) -> str:
        """What a compiler has said of places in the text, as places in the user's file."""
        return text.replace(str(self.path), self.name) if self.name else text

    def frame(self, frame: Frame) -> Frame:
        """The same for one place; compilers that get the text alone call it `-`."""
        own = frame[0] in (str(self.path), "-", "<stdin>")
        return (self.name, *frame[1:]) if own and self.name else frame

    def _failed(self, what: str, line: int = 1) -> StageFailed:
        frames = [(self.name, line, 0)] if self.name else []
        return StageFailed([Diagnostic(f"{Path(self.name or self.path).name} {what}", frames)])

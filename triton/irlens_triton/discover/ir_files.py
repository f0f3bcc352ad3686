""".ttir and .ttgir files on their own: compiled on from what stands in them.

Nothing is run. Each file is one entry, named after its kernel.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from irlens_worker.protocol import Diagnostic
from irlens_worker.provider import EmptyDiscovery, Entry, StageFailed
from irlens_worker.script import Source

from ..targets import Target

EXTENSIONS = (".ttir", ".ttgir")
_FUNCTION = re.compile(r"^\s*tt\.func\s+(?:public\s+)?@([\w.]+)\((.*)$", re.MULTILINE)
_ARGUMENT = re.compile(r"%\w+: (!tt\.ptr<\w+>|!tt\.tensordesc<[^>]*>|\w+)")
_ATTRIBUTE = re.compile(r'"ttg\.(num-warps|num-ctas)" = (\d+)')
_TARGET = re.compile(r'ttg\.target = "(cuda|hip):(\w+)"')


@dataclass(frozen=True)
class KernelFile:
    """The payload of such an entry."""

    path: str
    stage: str
    options: dict[str, int]
    # The target that the text was made for, if it says one.
    target: str


class FileDiscovery(EmptyDiscovery):
    """See irlens_worker.provider.Discovery."""

    def __init__(self, source: Source) -> None:
        super().__init__()
        self._source = source

    def worth_running(self) -> bool:
        return True

    def finish(self, namespace: Mapping[str, Any], complete: bool) -> list[Entry]:
        text = self._source.data.decode(errors="replace")
        match = _FUNCTION.search(text)
        if not match:
            self.diagnostics.append(Diagnostic("the file has no tt.func", [(self._source.path, 1, 0)]))
            return []
        stage = Path(self._source.path).suffix[1:]
        options = {name.replace("-", "_"): int(value) for name, value in _ATTRIBUTE.findall(text)}
        line = text.count("\n", 0, match.start(1)) + 1
        arguments = ", ".join(_short(kind) for kind in _ARGUMENT.findall(match[2]))
        payload = KernelFile(self._source.path, stage, options if stage == "ttgir" else {}, _target(text))
        return [
            Entry(name=match[1], kind="kernel", line=line, origin="triton-ir", signature=arguments, payload=payload)
        ]


def check_target(file: KernelFile, target: Target) -> None:
    """TTGIR is made for one target. Raises StageFailed for another."""
    if file.stage == "ttgir" and file.target and file.target != target.name:
        message = f"the file was made for {file.target}, not for {target.name}"
        raise StageFailed([Diagnostic(message, severity="info")], status="unavailable")


def _short(kind: str) -> str:
    return "*" + kind[8:-1] if kind.startswith("!tt.ptr<") else kind


def _target(text: str) -> str:
    match = _TARGET.search(text)
    if not match:
        return ""
    return f"sm_{match[2]}" if match[1] == "cuda" else match[2]

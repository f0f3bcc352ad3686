""".ttir and .ttgir files on their own: compiled on from what stands in them.

Nothing is run. Each file is one entry, named after its kernel.

When the engine makes entries of such files itself and sends `lower` jobs with their text, nobody calls this
any more: then this file goes, with the three places in provider.py that name it and `stands_at` in
stages.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from irlens_worker.given_text import GivenText
from irlens_worker.protocol import Diagnostic
from irlens_worker.provider import EmptyDiscovery, Entry
from irlens_worker.script import Source

EXTENSIONS = (".ttir", ".ttgir")
_FUNCTION = re.compile(r"^\s*tt\.func\s+(?:public\s+)?@([\w.]+)\((.*)$", re.MULTILINE)
_ARGUMENT = re.compile(r"%\w+: (!tt\.ptr<\w+>|!tt\.tensordesc<[^>]*>|\w+)")


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
        line = text.count("\n", 0, match.start(1)) + 1
        arguments = ", ".join(_short(kind) for kind in _ARGUMENT.findall(match[2]))
        payload = GivenText(Path(self._source.path), stage, "mlir", self._source.path)
        return [
            Entry(name=match[1], kind="kernel", line=line, origin="triton-ir", signature=arguments, payload=payload)
        ]


def _short(kind: str) -> str:
    return "*" + kind[8:-1] if kind.startswith("!tt.ptr<") else kind

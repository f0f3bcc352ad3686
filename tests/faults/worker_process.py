"""A real worker process and the protocol's lines to and from it, for tests of any worker."""

from __future__ import annotations

import json
import os
import select
import subprocess
import time
from pathlib import Path
from typing import Any


class WorkerProcess:
    """A worker process; events are read with a time limit, so that no test hangs."""

    def __init__(self, program: list[str], folder: Path, environment: dict[str, str] | None = None) -> None:
        self.log = folder / "worker.log"
        self.process = subprocess.Popen(
            program,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log.open("wb"),
            cwd=folder,
            env={**os.environ, **(environment or {})},
        )
        self._rest = b""
        self._jobs = 0
        self.hello = self.event(120)

    def send(self, message: object) -> None:
        assert self.process.stdin
        line = message if isinstance(message, bytes) else json.dumps(message).encode()
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()

    def event(self, seconds: float = 60) -> dict[str, Any]:
        """The next event."""
        assert self.process.stdout
        end = time.monotonic() + seconds
        while b"\n" not in self._rest:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0.0, end - time.monotonic()))
            assert ready, f"no event in {seconds} s; log:\n{self.log.read_text()}"
            chunk = os.read(self.process.stdout.fileno(), 65536)
            assert chunk, f"the worker has ended; log:\n{self.log.read_text()}"
            self._rest += chunk
        line, self._rest = self._rest.split(b"\n", 1)
        assert len(line) < 4095
        found = json.loads(line)
        assert isinstance(found, dict)
        return found

    def finish(self, job: int) -> list[dict[str, Any]]:
        """All events of a job up to its end."""
        events = []
        while True:
            event = self.event()
            if event.get("job") != job:
                continue
            events.append(event)
            if event["event"] == "end":
                return events

    def close(self) -> None:
        """Ends the worker by the end of its input; it must go at once."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        try:
            self.process.wait(10)
        finally:
            self.process.kill()
            self.process.stdout.close()

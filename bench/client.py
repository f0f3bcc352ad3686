"""A minimal LSP client that notes when each message arrives. Used by bench/run.py."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Json = dict[str, Any]


class Client:
    """Starts a server, shakes hands, and answers every request of the server."""

    def __init__(self, command: list[str], cache: Path, root: Path) -> None:
        environment = os.environ | {"XDG_CACHE_HOME": str(cache)}
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
        )
        self.messages: queue.Queue[tuple[float, Json]] = queue.Queue()
        self.next_id = 0
        self.run_ended = 0.0  # When the last progress bar went away.
        threading.Thread(target=self._read, daemon=True).start()
        capabilities = {
            "workspace": {"textDocumentContent": {}, "codeLens": {"refreshSupport": True}},
            "window": {"workDoneProgress": True},
        }
        params = {"processId": os.getpid(), "rootUri": root.as_uri(), "capabilities": capabilities}
        # The user's own stages are run, as in a workspace that VS Code trusts.
        self.request("initialize", {**params, "initializationOptions": {"trustedFolders": [str(root)]}})
        self.initialized = time.perf_counter() - self.started
        self.notify("initialized", {})

    def _read(self) -> None:
        out = self.process.stdout
        assert out
        while True:
            length = 0
            while line := out.readline().strip():
                name, value = line.split(b":", 1)
                if name.lower() == b"content-length":
                    length = int(value)
            if not length:
                return
            self.messages.put((time.perf_counter(), json.loads(out.read(length))))

    def _send(self, message: Json) -> None:
        body = json.dumps({"jsonrpc": "2.0"} | message).encode()
        assert self.process.stdin
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def notify(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    def next(self, timeout: float = 120) -> tuple[float, Json]:
        when, message = self.messages.get(timeout=timeout)
        if "method" in message and "id" in message:
            self._send({"id": message["id"], "result": None})
        if message.get("method") == "$/progress" and message["params"]["value"]["kind"] == "end":
            self.run_ended = when
        return when, message

    def request(self, method: str, params: Any) -> Any:
        self.next_id += 1
        self._send({"id": self.next_id, "method": method, "params": params})
        return self.until(lambda m: m.get("id") == self.next_id and "method" not in m)[1].get("result")

    def until(self, wanted: Callable[[Json], bool]) -> tuple[float, Json]:
        while True:
            when, message = self.next()
            if wanted(message):
                return when, message

    def timed_request(self, method: str, params: Any) -> float:
        before = time.perf_counter()
        self.request(method, params)
        return time.perf_counter() - before

    def open(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        document = {"uri": path.as_uri(), "languageId": "python", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})

    def save(self, path: Path) -> float:
        self.notify("textDocument/didSave", {"textDocument": {"uri": path.as_uri()}})
        return time.perf_counter()

    def run_times(self, since: float) -> tuple[float, float]:
        """Seconds from `since` to the first stage and to the end of the run."""
        first = 0.0
        while True:
            when, message = self.next()
            if message.get("method") != "$/progress":
                continue
            kind = message["params"]["value"]["kind"]
            if kind == "report" and not first:
                first = when - since
            if kind == "end":
                return first or when - since, when - since

    def cpu_seconds(self) -> float:
        """What the server itself has used; its workers are other processes."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_megabytes(self) -> float:
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return 0.0

    def close(self) -> None:
        self.request("shutdown", None)
        self.notify("exit", None)
        self.process.wait(10)


def changed_text(client: Client, uri: str, before: str) -> tuple[float, str]:
    """When the document has another text, and that."""
    while True:
        client.until(lambda message: message.get("method") == "workspace/textDocumentContent/refresh")
        text = text_of(client, uri)
        if text != before:
            return time.perf_counter(), text


def text_of(client: Client, uri: str) -> str:
    """The document's code: notes above it say how the run goes."""
    text: str = client.request("workspace/textDocumentContent", {"uri": uri})["text"]
    return "\n".join(line for line in text.splitlines() if not line.startswith(("//", "#")))

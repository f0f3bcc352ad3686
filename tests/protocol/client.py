"""A language client without manners of its own: sends what a test says, byte by byte
if need be, keeps all that comes back, and answers the server's requests.

Used by the protocol tests; runs the server as a process. The reading thread only
appends to `received`; everything else happens on the test's own thread.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

LIMIT = float(os.environ.get("IRLENS_TEST_LIMIT", "150"))  # seconds for one wait
PROFILES = Path(__file__).parent / "clients"


class RpcError(Exception):
    """The server answered with an error."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(f"{error['code']}: {error['message']}")
        self.code: int = error["code"]


def frame(message: Any) -> bytes:
    body = json.dumps(message, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


class Client:
    """One session. `answers` maps a method of the server to what the client answers:
    a value, a function of the parameters, or NEVER; null otherwise."""

    NEVER = object()

    def __init__(self, command: list[str], cwd: Path, env: dict[str, str]) -> None:
        self.received: list[dict[str, Any]] = []
        self.requests: dict[Any, str] = {}  # id -> method of what we have asked
        self.answers: dict[str, Any] = {}
        self.nextId = 10
        self.arrived = threading.Condition()
        self.reading = threading.Lock()  # Held while a message is read.
        self.process = subprocess.Popen(
            command, cwd=cwd, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    # Bytes

    def send_bytes(self, data: bytes) -> None:
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(data)
            self.process.stdin.flush()
        except (BrokenPipeError, ValueError):
            pass  # The server has gone, or the test has closed its input.

    def send(self, message: Any) -> None:
        self.send_bytes(frame(message))

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while (body := self._read_message(stream)) is not None:
            message = json.loads(body)
            with self.arrived:
                self.received.append(message)
                self.arrived.notify_all()
            if "method" in message and "id" in message:
                self._answer(message)
        with self.arrived:
            self.arrived.notify_all()

    def _read_message(self, stream: IO[bytes]) -> bytes | None:
        length = 0
        first = stream.readline()
        with self.reading:
            line = first
            while line not in (b"\r\n", b"\n", b""):
                name, _, value = line.partition(b":")
                assert name == b"Content-Length", line
                length = int(value)
                line = stream.readline()
            return stream.read(length) if line else None

    @contextlib.contextmanager
    def not_reading(self) -> Iterator[None]:
        """What the server says stays in the pipe, but for the beginning of a message."""
        with self.reading:
            yield

    def _answer(self, request: dict[str, Any]) -> None:
        answer = self.answers.get(request["method"])
        if answer is Client.NEVER:
            return
        if callable(answer):
            answer = answer(request.get("params"))
        self.send({"jsonrpc": "2.0", "id": request["id"], "result": answer})

    # Messages

    def ask(self, method: str, params: Any = None, id: Any = None) -> Any:
        """Sends a request without waiting; returns its id."""
        if id is None:
            id = self.nextId
            self.nextId += 1
        self.requests[id] = method
        self.send({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
        return id

    def answer_to(self, id: Any) -> Any:
        """Waits for the answer of a request. Raises RpcError."""
        message = self.wait(lambda m: "method" not in m and m.get("id") == id and m["id"] is not None)
        if "error" in message:
            raise RpcError(message["error"])
        return message["result"]

    def request(self, method: str, params: Any = None) -> Any:
        return self.answer_to(self.ask(method, params))

    def notify(self, method: str, params: Any = None) -> None:
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def wait(self, wanted: Callable[[dict[str, Any]], bool], since: int = 0, limit: float = LIMIT) -> dict[str, Any]:
        """The first message, from position `since` on, that is wanted."""
        end = time.monotonic() + limit
        at = since
        with self.arrived:
            while True:
                while at < len(self.received):
                    if wanted(self.received[at]):
                        return self.received[at]
                    at += 1
                alive = self.reader.is_alive()
                left = end - time.monotonic()
                if left <= 0 or (not alive and at == len(self.received)):
                    what = "in time" if alive else "before the server's output ended"
                    raise AssertionError(f"no such message {what}; the last ones: {self.received[-3:]}")
                self.arrived.wait(min(left, 0.5))

    def wait_for(self, method: str, since: int = 0) -> Any:
        """The parameters of the first message of this method."""
        return self.wait(lambda m: m.get("method") == method, since).get("params")

    def all(self, method: str, since: int = 0) -> list[Any]:
        with self.arrived:
            return [m.get("params") for m in self.received[since:] if m.get("method") == method]

    def mark(self) -> int:
        """A position in what has been received, for `since`."""
        with self.arrived:
            return len(self.received)

    # What all sessions do

    def initialize(self, profile: str = "vscode", root: Path | None = None, **options: Any) -> Any:
        """With the capabilities of clients/PROFILE.json; `options` are settings."""
        data = json.loads((PROFILES / f"{profile}.json").read_text())
        initial = data["initializationOptions"]
        result = self.request(
            "initialize",
            {
                "processId": os.getpid(),
                "clientInfo": data["clientInfo"],
                "rootUri": root.as_uri() if root else None,
                "capabilities": data["capabilities"],
                "initializationOptions": {**(initial or {}), **options} if options else initial,
            },
        )
        self.notify("initialized", {})
        return result

    def open(self, path: Path, text: str | None = None, version: int | None = 1) -> None:
        item = {
            "uri": path.as_uri(),
            "languageId": "python",
            "version": version,
            "text": path.read_text() if text is None else text,
        }
        self.notify("textDocument/didOpen", {"textDocument": item})

    def change(self, path: Path, text: str, version: int | None = 2) -> None:
        document = {"uri": path.as_uri(), "version": version}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})

    def save(self, path: Path) -> None:
        self.notify("textDocument/didSave", {"textDocument": {"uri": path.as_uri()}})

    def sync(self) -> None:
        """Waits until all runs are over and everything has been told."""
        self.request("irlens/sync")

    def content(self, uri: str) -> str:
        text = self.request("workspace/textDocumentContent", {"uri": uri})["text"]
        assert isinstance(text, str)
        return text

    def lenses(self, path: Path) -> list[dict[str, Any]]:
        return self.request("textDocument/codeLens", {"textDocument": {"uri": path.as_uri()}}) or []

    def stages(self, path: Path) -> dict[str, dict[str, Any]]:
        """The rows of irlens.stages by stage id (for files with one entry)."""
        rows = self.request("workspace/executeCommand", {"command": "irlens.stages", "arguments": [path.as_uri()]})
        return {row["stage"]: row for row in rows}

    def at(self, method: str, uri: str, line: int, character: int = 0) -> Any:
        """A request about a position."""
        position = {"line": line, "character": character}
        return self.request(f"textDocument/{method}", {"textDocument": {"uri": uri}, "position": position})

    def exit_code(self, limit: float = 60) -> int:
        """When the process has ended and everything that it wrote is received."""
        code = self.process.wait(limit)
        self.reader.join(limit)
        return code

    def shut_down(self) -> int:
        self.request("shutdown")
        self.notify("exit")
        return self.exit_code()

    def close(self) -> None:
        """Leaves nothing behind, whatever the test has done."""
        if self.process.poll() is None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()
        self.reader.join(5)
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except BrokenPipeError:
                    pass

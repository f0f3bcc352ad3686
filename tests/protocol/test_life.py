"""The life of a session, and what must not end it: faults in frames and messages."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from client import LIMIT, Client, RpcError, frame
from servers import Connect


def error_of(client: Client, method: str, params: object = None) -> int:
    with pytest.raises(RpcError) as caught:
        client.request(method, params)
    return caught.value.code


def test_orderly_session(server: Client) -> None:
    capabilities = server.initialize()["capabilities"]
    assert capabilities["workspace"]["textDocumentContent"]["schemes"] == ["irlens"]
    assert capabilities["positionEncoding"] == "utf-16"
    assert server.shut_down() == 0


def test_requests_outside_of_the_session(server: Client) -> None:
    assert error_of(server, "textDocument/hover", {}) == -32002
    assert error_of(server, "shutdown") == -32002
    server.notify("textDocument/didSave", {"textDocument": {"uri": "file:///a.py"}})
    server.initialize()
    assert error_of(server, "initialize", {"capabilities": {}}) == -32600
    server.request("shutdown")
    assert error_of(server, "textDocument/hover", {}) == -32600
    assert error_of(server, "shutdown") == -32600
    server.notify("exit")
    assert server.exit_code() == 0


def test_exit_without_shutdown(server: Client) -> None:
    server.initialize()
    server.notify("exit")
    assert server.exit_code() == 1


def test_end_of_input(server: Client) -> None:
    server.initialize()
    assert server.process.stdin is not None
    server.process.stdin.close()
    assert server.exit_code() == 1


def test_end_of_input_after_shutdown(server: Client) -> None:
    server.initialize()
    server.request("shutdown")
    assert server.process.stdin is not None
    server.process.stdin.close()
    assert server.exit_code() == 0


def test_end_of_input_at_once(server: Client) -> None:
    assert server.process.stdin is not None
    server.process.stdin.close()
    assert server.exit_code() == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_the_server(connect: Connect, number: int) -> None:
    client = connect()
    client.initialize()
    os.kill(client.process.pid, number)
    assert client.exit_code() == 1


def test_dead_parent(server: Client) -> None:
    parent = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    server.request("initialize", {"processId": parent.pid, "capabilities": {}})
    parent.communicate(b"\n")  # It ends, and our end of the server's input stays open.
    assert server.exit_code() == 1


def test_unknown_methods(server: Client) -> None:
    server.initialize()
    assert error_of(server, "textDocument/rename", {}) == -32601
    assert error_of(server, "$/something", {}) == -32601
    server.notify("$/something", {})
    server.notify("$/setTrace", {"value": "off"})
    assert server.shut_down() == 0


def test_string_ids(server: Client) -> None:
    server.initialize()
    position = {"textDocument": {"uri": "untitled:1"}, "position": {"line": 0, "character": 0}}
    id = server.ask("textDocument/hover", position, id="abc")
    assert server.answer_to(id) is None


def test_byte_by_byte(server: Client) -> None:
    message = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}, "x": "é漢😀"}}
    server.requests[1] = "initialize"
    for byte in frame(message):
        server.send_bytes(bytes([byte]))
    assert "capabilities" in server.answer_to(1)
    assert server.shut_down() == 0


def test_headers_in_any_case_and_order(server: Client) -> None:
    body = b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}'
    server.requests[1] = "initialize"
    server.send_bytes(
        b"content-type: application/vscode-jsonrpc; charset=utf8\r\ncontent-LENGTH:%d\r\n\r\n" % len(body) + body
    )
    assert "capabilities" in server.answer_to(1)


@pytest.mark.parametrize(
    ("garbage", "code"),
    [
        (b"hello\r\n\r\n", -32700),
        (b"\x00\xff\x7fELF\n" * 1000, -32700),
        (b"Content-Length: many\r\n\r\n", -32700),
        (b"Content-Length: 99999999999999\r\n\r\n", -32700),
        (b"Content-Type: x\r\n\r\n", -32700),
        (frame({}).replace(b"{}", b"{]"), -32700),
        (b"Content-Length: 4\r\n\r\n\xff\xfe\xfd\xfc", -32700),
        (b"Content-Length: 200000\r\n\r\n" + b"[" * 200000, -32700),
        (frame([{"jsonrpc": "2.0", "id": 1, "method": "shutdown"}]), -32600),
        (frame("text"), -32600),
        (frame({"jsonrpc": "2.0"}), -32600),
        (frame({"jsonrpc": "2.0", "id": {}, "method": "shutdown"}), -32600),
        (frame({"jsonrpc": "2.0", "id": 5, "method": 5}), -32600),
    ],
)
def test_garbage_is_told_and_survived(server: Client, garbage: bytes, code: int) -> None:
    server.initialize()
    server.send_bytes(garbage)
    told = server.wait(lambda m: "error" in m)
    assert (told["id"], told["error"]["code"]) == (None, code)
    assert error_of(server, "textDocument/rename", {}) == -32601
    assert server.shut_down() == 0


def test_garbage_for_ever_costs_no_memory(connect: Connect) -> None:
    client = connect()
    client.initialize()
    before = memory_of(client)
    for _ in range(64):
        client.send_bytes(b"x" * (1 << 20))
    client.send_bytes(b"\n")
    assert error_of(client, "textDocument/rename", {}) == -32601
    assert memory_of(client) < before + 8 * 1024


def memory_of(client: Client) -> int:
    """Resident kilobytes."""
    status = Path(f"/proc/{client.process.pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


def test_a_cancelled_request_is_answered_once(connect: Connect, model: Path) -> None:
    client = connect()
    client.initialize()
    model.write_text(model.read_text() + "# fake: hang fx\n")
    client.open(model)
    waiting = client.ask("irlens/sync")
    client.notify("$/cancelRequest", {"id": waiting})
    with pytest.raises(RpcError) as caught:
        client.answer_to(waiting)
    assert caught.value.code == -32800
    # As Vim's documentation shows it, with the id at the top level.
    other = client.ask("irlens/sync", id="s")
    client.send({"jsonrpc": "2.0", "method": "$/cancelRequest", "id": other})
    with pytest.raises(RpcError) as caught:
        client.answer_to(other)
    assert caught.value.code == -32800
    client.notify("$/cancelRequest", {"id": 12345})
    client.notify("$/cancelRequest", {})
    assert client.shut_down() == 0


def test_requests_that_wait_are_answered_at_shutdown(connect: Connect, model: Path) -> None:
    client = connect()
    client.initialize()
    model.write_text(model.read_text() + "# fake: hang fx\n")
    client.open(model)
    waiting = client.ask("irlens/sync")
    assert client.shut_down() == 0
    with pytest.raises(RpcError):
        client.answer_to(waiting)


def test_answers_to_nothing_are_ignored(server: Client) -> None:
    server.initialize()
    ids: list[object] = [7, "7", None, 1_000_999_999, {}]
    for id in ids:
        server.send({"jsonrpc": "2.0", "id": id, "result": None})
        server.send({"jsonrpc": "2.0", "id": id, "error": {"code": 1, "message": "no"}})
    server.send({"jsonrpc": "2.0", "id": 1_000_000_000, "error": "nonsense"})
    assert server.shut_down() == 0


def test_a_client_that_never_answers(connect: Connect, model: Path) -> None:
    client = connect()
    for method in (
        "window/workDoneProgress/create",
        "workspace/codeLens/refresh",
        "workspace/textDocumentContent/refresh",
        "workspace/configuration",
        "client/registerCapability",
    ):
        client.answers[method] = Client.NEVER
    client.initialize(stages=["linalg"])
    client.open(model)
    client.sync()
    uri = client.stages(model)["linalg"]["uri"]
    client.content(uri)
    for i in range(130):  # More than the table of open calls holds.
        model.write_text(f"line = {i}\n" + model.read_text())
        client.save(model)
        client.sync()
    assert "line = 129" in client.content(uri)
    assert client.shut_down() == 0


def test_a_client_that_does_not_read(connect: Connect, model: Path) -> None:
    """More is to be said, and is sent, than the pipes hold."""
    client = connect()
    client.initialize(stages=["fx"])
    model.write_text(model.read_text() + "# fake: pad 200000\n")
    client.open(model)
    client.sync()
    uri = client.stages(model)["fx"]["uri"]
    ids: list[int] = []

    def talk() -> None:
        ids.extend(client.ask("workspace/textDocumentContent", {"uri": uri}) for _ in range(20))
        for _ in range(100):
            client.notify("$/nothing", {"words": "x" * 10_000})

    with client.not_reading():
        sender = threading.Thread(target=talk, daemon=True)
        sender.start()
        sender.join(LIMIT)
        assert not sender.is_alive(), "the server has stopped reading, too"
        assert client.process.poll() is None
    for id in ids:
        assert len(client.answer_to(id)["text"]) > 200_000
    assert client.shut_down() == 0


def test_trace_and_mirror(connect: Connect, tmp_path: Path) -> None:
    trace, mirror = tmp_path / "trace", tmp_path / "mirror"
    client = connect("fake", "--trace", str(trace), "--mirror", str(mirror))
    client.initialize()
    assert client.shut_down() == 0
    directions = [json.loads(line)["direction"] for line in trace.read_text().splitlines()]
    assert directions[:2] == ["in", "out"]
    # The mirror replays.
    second = connect()
    second.requests.update(client.requests)
    second.send_bytes(mirror.read_bytes())
    assert second.exit_code() == 0
    assert second.received[0]["result"] == client.received[0]["result"]

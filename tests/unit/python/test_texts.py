"""The small functions on texts: names, pipelines, stack traces, event lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from irlens_torch.discover.names import NamePool, safe_name
from irlens_worker.channel import LineReader, LineWriter, encode_line
from irlens_worker.frames import exception_diagnostic, is_library_file
from irlens_worker.limits import classify
from irlens_worker.node import Node
from irlens_worker.protocol import (
    MAX_LINE,
    BadRequest,
    CancelRequest,
    CaptureRequest,
    Diagnostic,
    Row,
    parse_request,
)
from irlens_worker.scheduler import plan_nodes
from irlens_worker.script import FileWatch, Source


@pytest.mark.parametrize(
    ("text", "name"),
    [("Net", "Net"), ("a b/c", "a_b_c"), ("..x", "x"), ("", "entry"), ("<lambda>", "lambda")],
)
def test_safe_name(text: str, name: str) -> None:
    assert safe_name(text) == name


def test_name_pool() -> None:
    pool = NamePool()
    assert [pool.take(name) for name in ("a", "a", "a-2", "a")] == ["a", "a-2", "a-2-2", "a-3"]


def test_long_event_is_cut() -> None:
    line = encode_line({"event": "end", "message": "\U0001f600" * 9000})
    assert len(line) <= MAX_LINE and json.loads(line)["message"].endswith("...")
    with pytest.raises(ValueError, match="more than one write"):
        encode_line({"event": "x" * 5000})


def test_writer_opens_a_closed_pipe_again() -> None:
    import os

    read, write = os.pipe()
    keep = os.dup(write)
    writer = LineWriter(write, os.getpid(), read)
    reader = LineReader(read)
    os.close(write)
    other = os.open(os.devnull, os.O_WRONLY)  # takes the number of the closed one
    writer.send({"n": 1})
    assert list(reader.read()) == [{"n": 1}]
    for fd in (keep, other, writer.fd, read):
        os.close(fd)


def test_reader_waits_for_whole_lines() -> None:
    import os

    read, write = os.pipe()
    reader = LineReader(read)
    os.write(write, b'{"a":1}\n{"b"')
    assert list(reader.read()) == [{"a": 1}]
    os.write(write, b":2}\nnonsense\n")
    assert list(reader.read()) == [{"b": 2}, b"nonsense"]
    assert not reader.ended
    os.close(write)
    assert list(reader.read()) == [] and reader.ended
    os.close(read)


def test_parse_request() -> None:
    row = {"id": "fx", "from": "model", "format": "fx", "steps": [{"capture": "fx"}]}
    message = {"op": "run", "job": 3, "kind": "capture", "file": "/a/b.py", "out": "/o", "stages": [row]}
    request = parse_request(message)
    assert isinstance(request, CaptureRequest)
    assert (request.cwd, request.rows[0].capture) == (Path("/a"), "fx")
    assert parse_request({"op": "cancel", "job": 3}) == CancelRequest(3)


@pytest.mark.parametrize(
    ("message", "job"),
    [
        ([], None),
        ({"op": "run"}, None),
        ({"op": "run", "job": True}, None),
        ({"op": "run", "job": 1}, 1),
        ({"op": "run", "job": 1, "kind": "capture", "stages": [{"id": "x"}], "out": "/o"}, 1),
        ({"op": "run", "job": 1, "kind": "capture", "stages": [], "out": "o", "file": "/f"}, 1),
        ({"op": "run", "job": 1, "kind": "other", "stages": [], "out": "/o"}, 1),
    ],
)
def test_bad_request(message: object, job: int | None) -> None:
    with pytest.raises(BadRequest) as caught:
        parse_request(message)
    assert caught.value.job == job


def test_diagnostic_survives_json() -> None:
    diagnostic = Diagnostic("m", [("f", 1, 2)], "warning", "op", "pass", [("n", [("g", 3, 0)])])
    assert Diagnostic.from_json(diagnostic.to_json()) == diagnostic


def test_exception_frames_are_the_users() -> None:
    namespace: dict[str, object] = {}
    exec(compile("def f():\n    import json\n    json.loads('{')\n", "/ws/user.py", "exec"), namespace)
    try:
        namespace["f"]()  # type: ignore[operator]
    except ValueError as error:
        diagnostic = exception_diagnostic(error)
    assert diagnostic.frames[1][:2] == ("/ws/user.py", 3)
    assert is_library_file(diagnostic.frames[0][0])
    assert diagnostic.message.startswith("JSONDecodeError: Expecting property name")


@pytest.mark.parametrize(
    ("status", "tail", "full", "expected"),
    [
        (11, "", False, ("crashed", "crashed with a segmentation fault (SIGSEGV)")),
        (11, "", True, ("memory", "ran out of memory")),
        (6, "LLVM ERROR: out of memory\n", False, ("memory", "ran out of memory")),
        (6, "assert\nfatal\n", False, ("crashed", "aborted (SIGABRT): fatal")),
        (3 << 8, "", True, ("crashed", "ended the process with exit status 3")),
    ],
)
def test_classify(status: int, tail: str, full: bool, expected: tuple[str, str]) -> None:
    assert classify(status, tail, full) == expected


def test_file_watch(tmp_path: Path) -> None:
    inside, script = tmp_path / "data.txt", tmp_path / "script.py"
    for path in (inside, script):
        path.write_text("x")
    seen: list[str] = []
    watch = FileWatch([str(tmp_path)], str(script), seen.append)
    watch.start()
    inside.read_text()
    script.read_text()
    (tmp_path / "written.txt").write_text("y")
    json.__file__ and Path(json.__file__).read_text()
    watch.stop()
    inside.with_name("late.txt").write_text("z")
    assert watch.files == {str(inside)} and seen == [str(inside)]


def test_source_knows_its_encoding() -> None:
    assert Source("f", "# coding: latin-1\nx = 'ä'\n".encode("latin-1")).text.endswith("'ä'\n")


def row(name: str, source: str, step: dict[str, str]) -> Row:
    return Row(name, source, "mlir", (step,))


def test_plan_nodes() -> None:
    """Two captures share an export; a stage makes what it stems from as urgent as itself."""
    rows = [
        row("linalg", "torch", {"torch-mlir": "p"}),
        row("script", "model", {"capture": "torchscript"}),
        row("fx", "model", {"capture": "fx"}),
        row("torch", "model", {"capture": "torch"}),
    ]

    def prerequisite(row: Row) -> str | None:
        return "export" if row.capture in ("fx", "torch") else None

    nodes = plan_nodes({"A": "model", "B": "model"}, rows, prerequisite)

    def describe(node: Node) -> tuple[str, str | None, int]:
        return node.name, node.parent.name if node.parent else None, node.priority

    assert [describe(node) for node in nodes if node.entry == "A"] == [
        ("script", None, 1),
        ("export", None, 0),
        ("fx", "export", 2),
        ("torch", "export", 0),
        ("linalg", "torch", 0),
    ]
    assert [node.name for node in nodes[1].stages()] == ["fx", "torch"]

"""compare_with_lsp.py: `irlens-mlir --check` against mlir-lsp-server on the same files:
all .mlir files of the tests, and the broken ones beside this script. The same errors
and warnings, at the same ranges. Two differences are meant: an operation that the text
gives a location of its own stands at 1:1 there, and a range of one sign is two long.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parents[3]

Found = set[tuple[int, int, int, int, str]]


class LspServer:
    """Just enough of a client to get a file's diagnostics."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            ["mlir-lsp-server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.send("initialize", {"processId": None, "rootUri": None, "capabilities": {}}, id=1)
        self.receive()
        self.send("initialized", {})

    def send(self, method: str, params: dict[str, Any], **more: Any) -> None:
        body = json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **more}).encode()
        assert self.process.stdin
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def receive(self) -> dict[str, Any]:
        assert self.process.stdout
        size = 0
        while line := self.process.stdout.readline().strip():
            if line.lower().startswith(b"content-length:"):
                size = int(line.split(b":")[1])
        message = json.loads(self.process.stdout.read(size))
        assert isinstance(message, dict)
        return message

    def check(self, path: Path) -> Found:
        document = {"uri": path.as_uri(), "languageId": "mlir", "version": 1, "text": path.read_text()}
        self.send("textDocument/didOpen", {"textDocument": document})
        while (message := self.receive()).get("method") != "textDocument/publishDiagnostics":
            pass
        assert message["params"]["uri"] == path.as_uri()
        found: Found = set()
        for one in message["params"]["diagnostics"]:
            begin, end = one["range"]["start"], one["range"]["end"]
            if one["severity"] <= 2:
                line, column = begin["line"], begin["character"]
                is_sign = path.read_text().splitlines()[line][column : column + 1] in "{}()[]<>,=: "
                place = (line + 1, column + 1, end["line"] + 1, end["character"] + (not is_sign))
                found.add((*place, first_line(one["message"])))
        return found

    def close(self) -> None:
        self.process.kill()
        self.process.wait()


def first_line(message: str) -> str:
    return message.split("\n", 1)[0].strip()


def check_here(path: Path) -> Found:
    text = subprocess.check_output(["irlens-mlir", "--check", str(path)])
    found: Found = set()
    for one in json.loads(text)["diagnostics"]:
        # A dialect that is not known here is an error there.
        is_dialect = one["message"].startswith("Dialect `")
        if one["severity"] in ("error", "warning") or is_dialect:
            message = first_line(one["message"]).removesuffix("; the file is not checked beyond it").strip()
            (file, line, column), *_ = one["frames"]
            assert file == str(path)
            found.add((line, column, *one["end"], message))
    return found


def meant(ours: Found, theirs: Found) -> Found:
    """Ours, where a range of one sign is as long as the server says."""
    return {
        (line, column, end_line, column + 2, message)
        if (end_line, end) == (line, column + 1) and (line, column, end_line, column + 2, message) in theirs
        else (line, column, end_line, end, message)
        for line, column, end_line, end, message in ours
    }


def main() -> int:
    server = LspServer()
    differing = with_errors = 0
    files = sorted(path for path in TESTS.rglob("*.mlir") if path.name != "located.mlir")
    for path in files:
        theirs = server.check(path)
        ours = meant(check_here(path), theirs)
        with_errors += bool(theirs)
        if ours != theirs:
            differing += 1
            print(f"{path.relative_to(TESTS)}\n  only lsp: {theirs - ours}\n  only here: {ours - theirs}")
    server.close()
    print(f"{len(files)} files, {with_errors} with errors, {differing} differ")
    return 1 if differing or with_errors < 5 else 0


sys.exit(main())

"""Neovim and Vim under a terminal of their own, driven from a test.

Both answer expressions: Neovim through `--remote-expr`, Vim through a JSON channel that it
opens to us. What a user sees is read from the terminal (a pyte screen), not from the plugin.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import shutil
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pyte

ROOT = Path(__file__).resolve().parents[2]
PLUGIN = ROOT / "editors" / "vim"
ROWS, COLUMNS = 50, 160
T = TypeVar("T")


def until(what: str, condition: Callable[[], T | None], seconds: float = 20) -> T:
    """Polls until `condition` returns something true."""
    end = time.monotonic() + seconds
    while True:
        last = condition()
        if last:
            return last
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds:g} s for {what}; last:\n{last}")
        time.sleep(0.05)


class Editor:
    """A running editor. `eval` is all that the two kinds do differently."""

    def __init__(self, command: list[str], cwd: Path, env: Mapping[str, str]) -> None:
        pid, self._terminal = pty.fork()
        if pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
            os.chdir(cwd)
            os.execvpe(command[0], command, {**os.environ, **env, "TERM": "screen-256color"})
        self._pid = pid
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        stream = pyte.ByteStream(self._screen)
        with contextlib.suppress(OSError):
            while chunk := os.read(self._terminal, 65536):
                stream.feed(chunk)

    def eval(self, expression: str) -> Any:
        raise NotImplementedError

    def command(self, line: str) -> None:
        """Runs an Ex command; its error becomes an AssertionError."""
        self.eval(f"execute({json.dumps(line)}, '')")

    def keys(self, text: str) -> None:
        """Types on the terminal, as a user would."""
        os.write(self._terminal, text.encode())

    def screen(self) -> str:
        return "\n".join(line.rstrip() for line in self._screen.display)

    def lines(self, buffer: str) -> str:
        """The text of the buffer whose name ends with `buffer`, "" when it is not loaded."""
        found = f"filter(getbufinfo({{'bufloaded': 1}}), {{_, b -> b.name =~# '{buffer}$'}})"
        return "\n".join(self.eval(f"empty({found}) ? [] : getbufline({found}[0].bufnr, 1, '$')"))

    def close(self) -> None:
        """Quits as a user would, so that the server is shut down; kills what does not."""
        with contextlib.suppress(Exception):
            self.keys("\x1b\x1b:qall!\r")
        gone = self._wait(5)
        if not gone:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._pid, signal.SIGKILL)
            self._wait(5)
        self._reader.join(5)
        os.close(self._terminal)

    def _wait(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if os.waitpid(self._pid, os.WNOHANG)[0]:
                return True
            time.sleep(0.02)
        return False


class Neovim(Editor):
    def __init__(self, program: str, folder: Path, cwd: Path, env: Mapping[str, str]) -> None:
        self._socket = folder / "nvim.sock"
        self._answer = folder / "answer.json"
        self._program = program
        command = [program, "-u", str(folder / "vimrc"), "-i", "NONE", "-n"]
        super().__init__([*command, "--listen", str(self._socket)], cwd, env)
        until("Neovim's socket", self._socket.exists)

    def eval(self, expression: str) -> Any:
        # Through a file, because Neovim cuts what it prints in the middle.
        self._answer.unlink(missing_ok=True)
        ask = f"writefile([json_encode({expression})], '{self._answer}')"
        try:
            done = subprocess.run(
                [self._program, "--server", str(self._socket), "--remote-expr", ask],
                capture_output=True, text=True, timeout=10, check=False)  # fmt: skip
        except subprocess.TimeoutExpired:
            raise AssertionError(f"Neovim does not answer:\n{self.screen()}") from None
        assert self._answer.exists(), f"{expression}: {done.stdout}{done.stderr}"
        return json.loads(self._answer.read_text())


class Vim(Editor):
    def __init__(self, program: str, folder: Path, cwd: Path, env: Mapping[str, str]) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(20)
            port = server.getsockname()[1]
            connect = f"let g:test_channel = ch_open('127.0.0.1:{port}', {{'mode': 'json'}})"
            super().__init__([program, "-u", str(folder / "vimrc"), "-i", "NONE", "-n", "-c", connect], cwd, env)
            self._connection, _ = server.accept()
        self._connection.settimeout(10)
        self._received = b""
        self._id = -1

    def eval(self, expression: str) -> Any:
        # Vim refuses some functions while it is in the middle of a command.
        for _ in range(10):
            answer = self._ask(f"[{expression}]")
            if isinstance(answer, list):
                return answer[0]
            time.sleep(0.1)
        raise AssertionError(f"{expression}: {answer}\n{self.screen()}")

    def _ask(self, expression: str) -> Any:
        self._id -= 1
        self._connection.sendall(json.dumps(["expr", expression, self._id]).encode() + b"\n")
        while True:
            answer = self._next()
            if answer[0] == self._id:
                return answer[1]

    def command(self, line: str) -> None:
        # Vim leaves the screen as it is after what came through a channel.
        self.eval(f"execute([{json.dumps(line)}, 'redraw'], '')")

    def _next(self) -> list[Any]:
        decoder = json.JSONDecoder()
        while True:
            text = self._received.decode(errors="surrogateescape").lstrip()
            try:
                value, end = decoder.raw_decode(text)
            except ValueError:
                try:
                    chunk = self._connection.recv(65536)
                except TimeoutError:
                    raise AssertionError(f"Vim does not answer:\n{self.screen()}") from None
                assert chunk, "Vim closed the channel"
                self._received += chunk
                continue
            self._received = text[end:].encode(errors="surrogateescape")
            assert isinstance(value, list)
            return value

    def close(self) -> None:
        super().close()
        self._connection.close()


@dataclass(frozen=True)
class Kind:
    """An editor to test: how it is driven, and its program if this machine has it."""

    driver: type[Neovim] | type[Vim]
    program: str | None


# Debian's Neovim is the oldest that we support; requirements-test.txt brings a newer one.
KINDS = {
    "nvim": Kind(Neovim, shutil.which("nvim")),
    "nvim-newer": Kind(Neovim, shutil.which("nvim", path=str(Path(sys.executable).parent))),
    "vim": Kind(Vim, shutil.which("vim")),
}

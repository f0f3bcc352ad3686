"""Runs the user's file as `__main__`, as `python FILE` would, in a forked child.

The file keeps its real name, so that inspect.getsource, torch.jit.script, the main guard
and source locations work. What it prints goes to descriptors 1 and 2; what it imports or
reads below its folder is reported, because a change there changes the IR.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import functools
import importlib.util
import itertools
import linecache
import os
import random
import signal
import sys
import tokenize
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO, TextIOWrapper
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from .frames import exception_diagnostic, is_library_file, is_own_file
from .limits import says_out_of_memory
from .protocol import Diagnostic

_NO_MEMORY = (
    "the limit is the setting irlens.memoryMegabytes; "
    "a model that is made within torch.device('meta') has no weights and lowers as well"
)


@dataclass(frozen=True)
class Source:
    """A Python file as it was read."""

    path: str
    data: bytes

    @property
    def text(self) -> str:
        """The decoded text. Raises SyntaxError or UnicodeDecodeError."""
        encoding, _ = tokenize.detect_encoding(BytesIO(self.data).readline)
        return TextIOWrapper(BytesIO(self.data), encoding).read()

    @functools.cached_property
    def tree(self) -> ast.Module:
        """The syntax tree, for all who look for entries; nobody changes it. Raises SyntaxError or ValueError."""
        return ast.parse(self.data, self.path)

    @functools.cached_property
    def nodes(self) -> list[ast.AST]:
        """All of the tree as ast.walk goes through it, which takes as long as parsing. Raises what `tree` does."""
        return list(ast.walk(self.tree))

    @functools.cached_property
    def comments(self) -> list[tokenize.TokenInfo]:
        """The comments, as far as the file can be read; none when none of them can be for irlens."""
        found: list[tokenize.TokenInfo] = []
        if b"irlens:" in self.data:
            # Running the file reports errors better.
            with contextlib.suppress(tokenize.TokenError, IndentationError):
                tokens = tokenize.tokenize(BytesIO(self.data).readline)
                found.extend(token for token in tokens if token.type == tokenize.COMMENT)
        return found


class ScriptStopped(BaseException):
    """Raised by a provider that has seen enough: the script ends as if it were at its end.

    Not an Exception: the script's own handlers are to let it through.
    """


@dataclass
class ScriptResult:
    """What running a file left behind."""

    namespace: dict[str, Any]
    diagnostics: list[Diagnostic] = field(default_factory=list)
    status: str = "ok"


class ScriptTimeout(BaseException):
    """Raised in the middle of a script that does not end; no ordinary handler catches it."""


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raises ScriptTimeout where the script is by then, and every second after: what it has
    found stays. A loop in C hears nothing; the zygote ends that."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise ScriptTimeout(f"the script did not end within {seconds:.1f} s, its half of the time limit")

    signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


class FileWatch:
    """Notes which files a script imports or opens for reading below its folders."""

    def __init__(self, folders: list[str], skip: str, on_file: Callable[[str], None] = lambda path: None) -> None:
        self._folders = tuple(os.path.join(os.path.realpath(folder), "") for folder in folders)
        self._skip = os.path.realpath(skip)
        self._on_file = on_file
        self._seen: set[str] = set()
        self._last_known = ""
        self.files: set[str] = set()
        self.active = False

    def start(self) -> None:
        """Begins to listen. The hook cannot be removed: only for processes that end soon."""
        self.active = True
        self._last_known = next(reversed(sys.modules))
        sys.addaudithook(self._audit)

    def stop(self) -> None:
        """Adds what was imported from bytecode caches, and stops."""
        self.active = False
        for module in self._imported():
            path = getattr(module, "__file__", None)
            if isinstance(path, str):
                self._add(path)

    def _imported(self) -> list[object]:
        """The newest modules. The others are not touched: each reference to one of them
        copies a page of memory that is shared with the zygote, which took 13 ms."""
        names = list(itertools.takewhile(lambda name: name != self._last_known, reversed(sys.modules)))
        return [sys.modules[name] for name in names]

    def _audit(self, event: str, args: tuple[Any, ...]) -> None:
        if event != "open" or not self.active:
            return
        path, mode, flags = args
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        writes = isinstance(mode, str) and mode.startswith(("w", "a", "x"))
        if isinstance(path, str) and not writes and not flags & (os.O_WRONLY | os.O_DIRECTORY):
            self._add(path)

    def _add(self, path: str) -> None:
        if path in self._seen:
            return
        self._seen.add(path)
        if path.endswith(".pyc"):
            try:
                path = importlib.util.source_from_cache(path)
            except ValueError:  # not where Python puts what it compiles
                return
        real = os.path.realpath(path)
        if "/.git/" in real or is_library_file(real) or is_own_file(real):
            return
        if real.startswith(self._folders) and real != self._skip and os.path.isfile(real):
            self.files.add(real)
            self._on_file(real)


def run_script(
    source: Source,
    seed: int,
    planted: Mapping[str, object],
    seeders: list[Callable[[int], None]],
    seconds: float = 0.0,
) -> ScriptResult:
    """Runs a file to its end, or for so long. What it raises becomes a diagnostic on its own line."""
    module = ModuleType("__main__")
    module.__file__ = source.path
    module.__dict__["__builtins__"] = builtins
    module.__dict__["__cached__"] = None
    result = ScriptResult(module.__dict__)
    saved = dict(vars(builtins))
    recursion_limit = sys.getrecursionlimit()
    try:
        code = compile(source.data, source.path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        result.diagnostics.append(exception_diagnostic(error))
        result.status = "failed"
        return result
    _prime_linecache(source)
    _look_like_python(source.path, module)
    seed_all(seed, seeders)
    vars(builtins).update(planted)
    try:
        with time_limit(seconds):
            exec(code, module.__dict__)
    except ScriptStopped:
        pass
    except ScriptTimeout as error:
        diagnostic = exception_diagnostic(error)
        diagnostic.message = str(error)
        result.status = "timeout"
        result.diagnostics.append(diagnostic)
    except SystemExit as error:
        if error.code not in (None, 0):
            diagnostic = exception_diagnostic(error)
            diagnostic.message = f"the script called exit({error.code!r})"
            diagnostic.severity = "warning"
            result.diagnostics.append(diagnostic)
    except MemoryError as error:
        result.status = "memory"
        result.diagnostics.append(exception_diagnostic(error))
    except BaseException as error:  # KeyboardInterrupt and the like are the user's, too
        result.status = "memory" if says_out_of_memory(str(error)) else "failed"
        result.diagnostics.append(exception_diagnostic(error))
    finally:
        if result.status == "memory":
            result.diagnostics[-1].notes.append((_NO_MEMORY, result.diagnostics[-1].frames))
        vars(builtins).update(saved)
        sys.setrecursionlimit(max(recursion_limit, sys.getrecursionlimit()))
        _flush()
    return result


def seed_all(seed: int, seeders: list[Callable[[int], None]]) -> None:
    """Fixes the random state, so that the IR is the same from save to save."""
    random.seed(seed)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(seed)
    for seeder in seeders:
        seeder(seed)


def fresh_streams() -> None:
    """Gives the process unbuffered text streams on descriptors 1 and 2, in order."""
    for fd, name in ((1, "stdout"), (2, "stderr")):
        stream = os.fdopen(fd, "wb", closefd=False)
        text = TextIOWrapper(stream, encoding="utf-8", errors="backslashreplace", line_buffering=True)
        setattr(sys, name, text)
        setattr(sys, f"__{name}__", text)


def _prime_linecache(source: Source) -> None:
    # Without a time stamp the entry stays as it is, even when the user saves again while
    # the script runs: inspect.getsource must see the text that was compiled.
    lines = source.text.splitlines(keepends=True)
    linecache.cache[source.path] = (len(source.data), None, lines, source.path)


def _look_like_python(path: str, module: ModuleType) -> None:
    sys.modules["__main__"] = module
    sys.argv = [path]
    # Compiled modules are compared by second and size; saves come faster than that.
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(Path(path).parent))


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:  # the script may have put anything there, or closed it
            pass

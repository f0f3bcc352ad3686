"""Runs a stage pass by pass and keeps the IR after each, when somebody asks for it.

Triton adds its passes one by one to a pass manager and then runs that. While recording, the
backend gets a manager that only notes what is added, and then runs each pass on its own:
so there is a time, a text and a failing pass, without parsing what compilers print.
"""

from __future__ import annotations

import contextlib
import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from irlens_worker.artifacts import PassRecord

# What the backends' modules call the bindings that passes come from.
_BINDINGS = ("passes", "nvidia", "amd")
# Steps of LLVM that are worth a record; each works on its first argument or returns it.
_LLVM_STEPS = ("to_module", "link_extern_libs", "optimize_module")
_NO_OPERATION = re.compile(r"\s*(?:$|//|#|\}|\^|module\b|tt\.func|tt\.return|\}\s*else\b)")


@dataclass(frozen=True)
class Listener:
    """Told of each pass before it runs, and of its record after it, while one records."""

    begin: Callable[[str], Any]
    end: Callable[[PassRecord], Any]


_listeners: list[Listener] = []


@contextlib.contextmanager
def on_each_pass(listener: Listener) -> Iterator[None]:
    """The last pass that the listener heard begin is the one that did not return."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


@contextlib.contextmanager
def recording(backend: Any, records: list[PassRecord]) -> Iterator[None]:
    """Adds a record for each pass that the backend runs within the block. Raises PassFailed there."""
    module = sys.modules[type(backend).__module__]
    recorder = _Recorder(records)
    saved = {name: vars(module)[name] for name in (*_BINDINGS, "ir", "llvm") if name in vars(module)}
    try:
        for name, value in saved.items():
            if name in _BINDINGS:
                setattr(module, name, _Passes(value, ""))
        module.ir = _Overlay(saved["ir"], {"pass_manager": recorder.manager})  # type: ignore[attr-defined]
        steps = {name: recorder.llvm_step(name, getattr(saved["llvm"], name)) for name in _LLVM_STEPS}
        module.llvm = _Overlay(saved["llvm"], steps)  # type: ignore[attr-defined]
        yield
    finally:
        for name, value in saved.items():
            setattr(module, name, value)


def count_operations(text: str) -> int:
    """Operations of an MLIR module's text, without functions, their returns and the module."""
    return sum(1 for line in text.splitlines() if not _NO_OPERATION.match(line))


class _Recorder:
    """Where the records go, and the text that the next one is compared with."""

    def __init__(self, records: list[PassRecord]) -> None:
        self._records = records
        self._text = ""

    def manager(self, context: Any) -> _Manager:
        return _Manager(self, context)

    def note(self, name: str, text: str, format: str, milliseconds: float) -> None:
        operations = count_operations(text) if format == "mlir" else _count_instructions(text)
        self._add(PassRecord(name, format, text, milliseconds, text != self._text, operations))
        self._text = text

    def _add(self, record: PassRecord) -> None:
        self._records.append(record)
        for listener in _listeners:
            listener.end(record)

    @contextlib.contextmanager
    def watching(self, name: str) -> Iterator[None]:
        """While the pass runs. One that raises leaves the text that it was given."""
        for listener in _listeners:
            listener.begin(name)
        began = time.perf_counter()
        try:
            yield
        except Exception as error:
            milliseconds = (time.perf_counter() - began) * 1000
            self._add(failed_record(name, self._records, milliseconds))
            raise PassFailed(name, error) from error

    def begin(self, module: Any) -> None:
        """The text before the first pass of a manager: it may have been changed in between."""
        text = str(module)
        if text != self._text:
            self.note("input", text, "mlir", 0.0)

    def llvm_step(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            began = time.perf_counter()
            with self.watching(f"llvm.{name}"):
                result = function(*args, **kwargs)
            milliseconds = (time.perf_counter() - began) * 1000
            self.note(f"llvm.{name}", str(result if name == "to_module" else args[0]), "llvm", milliseconds)
            return result

        return call


class _Manager:
    """Stands in for ir.pass_manager."""

    def __init__(self, recorder: _Recorder, context: Any) -> None:
        self._recorder = recorder
        self._context = context
        self.added: list[tuple[str, Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = []

    def enable_debug(self) -> bool:
        return False

    def run(self, module: Any, *names: str) -> None:
        from triton._C.libtriton import ir

        self._recorder.begin(module)
        for name, add, args, kwargs in self.added:
            manager = ir.pass_manager(self._context)
            add(manager, *args, **kwargs)
            began = time.perf_counter()
            with self._recorder.watching(name):
                manager.run(module, *names)
            milliseconds = (time.perf_counter() - began) * 1000
            self._recorder.note(name, str(module), "mlir", milliseconds)


def failed_record(name: str, before: list[PassRecord], milliseconds: float = 0.0) -> PassRecord:
    """Of a pass that could not do its work, or of which nothing was heard any more."""
    text, format = (before[-1].text, before[-1].format) if before else ("", "mlir")
    return PassRecord(name, format, text, milliseconds, changed=False, ops=-1, failed=True)


class PassFailed(RuntimeError):
    """A single pass could not do its work."""

    def __init__(self, name: str, error: Exception) -> None:
        super().__init__(f"{name}: {error}")
        self.name = name


class _Overlay:
    """A module with some of its functions replaced."""

    def __init__(self, module: ModuleType, replaced: dict[str, Any]) -> None:
        self._module = module
        self._replaced = replaced

    def __getattr__(self, name: str) -> Any:
        return self._replaced.get(name) or getattr(self._module, name)


class _Passes:
    """A module of bindings whose `add_...` functions note themselves at a _Manager."""

    def __init__(self, module: ModuleType, path: str) -> None:
        self._module = module
        self._path = path

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._module, name)
        if isinstance(value, ModuleType):
            return _Passes(value, f"{self._path}{name}." if name != "passes" else self._path)
        if not callable(value) or isinstance(value, type):
            return value

        def call(*args: Any, **kwargs: Any) -> Any:
            if args and isinstance(args[0], _Manager):
                args[0].added.append((self._path + name.removeprefix("add_"), value, args[1:], kwargs))
                return None
            return value(*args, **kwargs)

        return call


def _count_instructions(text: str) -> int:
    return sum(1 for line in text.splitlines() if line.startswith("  ") and not line.lstrip().startswith(";"))

"""Finds the kernels of a file: launched ones, explored ones, those that comments describe.

The file runs against a pretended GPU. What was found before it failed stays; a kernel that
nobody launches is reported with the comment that would show it.
"""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import importlib.util
import re
import sys
import types
from collections.abc import Iterable, Iterator, Mapping, Set
from pathlib import Path
from typing import Any

from irlens_worker.frames import code_column, is_library_file, is_own_file
from irlens_worker.protocol import Diagnostic, Frame
from irlens_worker.provider import EmptyDiscovery, Entry
from irlens_worker.script import Source

from ..kernels import Kernel, Variant
from ..naming import configuration_name, name_kernels, signature_text
from ..targets import DEFAULT_NAME, Target, UnknownTarget, parse_target
from .comments import KernelComment, bind_comment, find_comments
from .hooks import when_imported
from .suggestion import suggest

# Each entry takes some processes; launches in a long loop differ in a number at most.
_MAX_ENTRIES = 32
_MADE_UP = "nothing runs on a GPU here, so the value is made up"
_TARGETS = re.compile(r"#\s*irlens:.*?\btarget=([\w,]+)")


class TritonDiscovery(EmptyDiscovery):
    """See irlens_worker.provider.Discovery."""

    def __init__(self, source: Source, claimed_lines: Set[int] = frozenset()) -> None:
        super().__init__()
        self._source = source
        self._kernels: dict[str, Kernel] = {}
        self._too_many = False
        self._values: set[Frame] = set()
        self._interception: Any = None
        self._own_kernels = _jitted_names(source.nodes)
        self._comments, self.claimed_lines, problems = find_comments(source, self._own_kernels, claimed_lines)
        self.diagnostics += problems

    def worth_running(self) -> bool:
        return mentions_triton(self._source)

    def planted(self) -> Mapping[str, object]:
        return {"__explore__": self.explore}

    def claims(self, value: object) -> bool:
        if "triton" not in sys.modules:
            return False
        from ..pretend.binding import base_function

        return base_function(value) is not None

    def explore(self, kernel: Any, *args: Any, **kwargs: Any) -> None:
        """`__explore__(kernel, *args, **constexprs)`: the same as a launch."""
        if not self.claims(kernel):
            raise TypeError(f"__explore__ needs a kernel (a function with @triton.jit), not {kernel!r}")
        kwargs.pop("_name", None)
        self._interception.launch(kernel, args, kwargs)

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """There is a GPU, and launches are noted; for the time that the file runs."""
        from ..pretend.interception import Interception

        target = self._pretended_target()
        self._interception = Interception(target, self._on_launch)
        self._interception.start()
        cuda: list[Any] = []

        def pretend_gpu() -> None:
            from ..pretend.pretended_cuda import PretendedCuda

            cuda.append(PretendedCuda(target, self._on_value))
            cuda[0].start()

        stop_waiting = when_imported("torch", pretend_gpu)
        try:
            yield
        finally:
            stop_waiting()
            for item in cuda:
                item.stop()
            self._interception.stop()

    def pretending(self) -> contextlib.AbstractContextManager[None]:
        """A program that prints IR may launch kernels on the way."""
        return self.watching() if self.worth_running() else contextlib.nullcontext()

    def judge(self, diagnostics: list[Diagnostic]) -> None:
        """An assertion about results says nothing: nobody has computed them."""
        looked_at = {(file, line) for file, line, _ in self._values}
        for item in diagnostics:
            if item.message.startswith("AssertionError") and any(frame[:2] in looked_at for frame in item.frames):
                item.severity = "warning"
                item.notes.append((_MADE_UP, []))

    def finish(self, namespace: Mapping[str, Any], complete: bool) -> list[Entry]:
        for comment in self._comments:
            self._evaluate(comment, namespace)
        kernels = list(self._kernels.values())
        name_kernels(kernels)
        self._report_unlaunched(namespace, kernels)
        return [entry for kernel in kernels for entry in (self._entry(kernel), *self._configurations(kernel))]

    def _on_launch(self, function: Any, configurations: list[Variant], tuned: bool) -> None:
        frames = self._user_frames(sys._getframe(1))
        self._add(Kernel(function, configurations, frames, tuned=tuned))

    def _add(self, kernel: Kernel) -> None:
        key = kernel.key()
        if key in self._kernels:
            return
        if len(self._kernels) < _MAX_ENTRIES:
            self._kernels[key] = kernel
        elif not self._too_many:
            self._too_many = True
            text = f"only the first {_MAX_ENTRIES} different launches are shown"
            self.diagnostics.append(Diagnostic(text, kernel.frames, severity="warning"))

    def _on_value(self, what: str) -> None:
        """The script looks at a value that was never computed."""
        frames = self._user_frames(sys._getframe(1))
        if frames and frames[0] not in self._values:
            self._values.add(frames[0])
            text = f"{what}: {_MADE_UP}"
            self.diagnostics.append(Diagnostic(text, frames, severity="hint"))

    def _user_frames(self, frame: types.FrameType | None) -> list[Frame]:
        """The frames in the user's own files, innermost first."""
        frames: list[Frame] = []
        while frame is not None:
            code = frame.f_code
            file = code.co_filename
            if not is_own_file(file) and not is_library_file(file):
                frames.append((file, frame.f_lineno, code_column(code, frame.f_lasti)))
            if file == self._source.path and code.co_name == "<module>":
                break
            frame = frame.f_back
        return frames

    def _evaluate(self, comment: KernelComment, namespace: Mapping[str, Any]) -> None:
        from ..pretend.binding import base_function

        frame = (self._source.path, comment.line, comment.column)
        function = base_function(namespace.get(comment.kernel))
        if function is None:
            text = f"irlens comment: the file ended before it defined {comment.kernel}"
            self.diagnostics.append(Diagnostic(text, [frame], severity="warning"))
            return
        try:
            for name in comment.targets:
                parse_target(name)
            variant = bind_comment(comment, function, namespace)
        except (ValueError, UnknownTarget) as error:
            self.diagnostics.append(Diagnostic(f"irlens comment: {error}", [frame]))
            return
        if comment.targets:
            self.directives["target"] = ",".join(comment.targets)
        self._add(Kernel(function, [variant], [frame]))

    def _entry(self, kernel: Kernel) -> Entry:
        place = next((frame for frame in kernel.frames if frame[0] == self._source.path), None)
        own = kernel.file == self._source.path
        line, column = (place[1], place[2]) if place else (kernel.line if own else 1, 0)
        is_comment = any((item.line, item.column) == (line, column) for item in self._comments)
        return Entry(
            name=kernel.name,
            kind="kernel",
            line=line,
            origin="kernel",
            column=column,
            class_line=kernel.line if own else 0,
            comment=is_comment,
            signature=signature_text(kernel.variant, kernel.function),
            payload=kernel,
        )

    def _configurations(self, kernel: Kernel) -> list[Entry]:
        """An entry per configuration of an autotuned kernel, for anyone who wants another one."""
        whole = self._entry(kernel)
        entries = []
        variants = kernel.configurations[:_MAX_ENTRIES] if kernel.tuned else []
        for number, variant in enumerate(variants, 1):
            name = configuration_name(kernel, number)
            one = dataclasses.replace(kernel, configurations=[variant], name=name)
            entries.append(
                dataclasses.replace(
                    whole,
                    name=name,
                    kind="configuration",
                    origin="configuration",
                    signature=variant.label,
                    payload=one,
                )
            )
        return entries

    def _report_unlaunched(self, namespace: Mapping[str, Any], kernels: list[Kernel]) -> None:
        from ..pretend.binding import base_function

        launched = {id(kernel.function) for kernel in kernels}
        helpers = _called_names(self._source.nodes)
        for name in sorted(self._own_kernels - helpers):
            function = base_function(namespace.get(name))
            if function is None or id(function) in launched or function.fn.__code__.co_filename != self._source.path:
                continue
            kernel = Kernel(function, [])
            self.suggestions.append({"line": kernel.line, "name": name, "text": suggest(function)})

    def _pretended_target(self) -> Target:
        """The first target that the file names: scripts choose their launches by it."""
        for names in _TARGETS.findall(self._source.data.decode(errors="replace")):
            for name in names.split(","):
                with contextlib.suppress(UnknownTarget):
                    return parse_target(name)
        return parse_target(DEFAULT_NAME)


def mentions_triton(source: Source) -> bool:
    """Whether the file imports Triton, or a module beside it does that it imports. Raises SyntaxError."""
    names = _imports(source.nodes)
    if _is_about(names):
        return True
    for name in names:
        with contextlib.suppress(OSError, SyntaxError, ValueError):
            path = Path(source.path).parent / (name.replace(".", "/") + ".py")
            if _is_about(_imports(ast.walk(ast.parse(path.read_bytes())))):
                return True
    return False


def _imports(nodes: Iterable[ast.AST]) -> set[str]:
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def _is_about(names: set[str]) -> bool:
    return any(name.split(".")[0] == "triton" for name in names)


def is_installed() -> bool:
    """Whether this interpreter has Triton."""
    with contextlib.suppress(ImportError, ValueError):
        return importlib.util.find_spec("triton") is not None
    return False


def _jitted_names(nodes: Iterable[ast.AST]) -> set[str]:
    """Functions of the file that a decorator named jit is on, wherever they stand."""
    found = set()
    for node in nodes:
        if isinstance(node, ast.FunctionDef):
            for decorator in node.decorator_list:
                call = decorator.func if isinstance(decorator, ast.Call) else decorator
                if ast.unparse(call).split(".")[-1] == "jit":
                    found.add(node.name)
    return found


def _called_names(nodes: Iterable[ast.AST]) -> set[str]:
    """Functions that jitted functions of the file call: helpers, no kernels."""
    found = set()
    for node in nodes:
        if isinstance(node, ast.FunctionDef) and node.decorator_list:
            for inner in ast.walk(node):
                if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name):
                    found.add(inner.func.id)
                elif isinstance(inner, ast.Call):
                    # Passed to tl.reduce or tl.associative_scan.
                    found |= {item.id for item in inner.args if isinstance(item, ast.Name)}
    return found

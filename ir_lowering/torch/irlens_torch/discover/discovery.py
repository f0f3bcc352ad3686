"""Finds the entries of a Python file: `__explore__` calls and `# irlens:` comments; else the
models that the script calls while it runs, and top-level modules that accept what is at hand.

The text is looked at before anything runs: a script that cannot yield an entry is never
started. Called in the job's child.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import sys
import types
from collections.abc import Iterator, Mapping, Set
from typing import Any

import torch
from irlens_worker.frames import code_column, exception_diagnostic
from irlens_worker.protocol import Diagnostic, Frame, Json
from irlens_worker.provider import EmptyDiscovery, Entry
from irlens_worker.script import Source

from ..capture.callables import callable_of, name_of, unwrap
from ..capture.dynamic_shapes import complete_spec, named_sizes
from ..capture.export import Call
from ..capture.signature import parameter_count, signature
from .call_watch import CallWatch, is_model, outermost_models
from .candidates import EXAMPLE, find_candidates
from .devices import join_devices
from .matching import match, top_level_modules
from .names import NamePool
from .remarks import Remark, find_remarks
from .suggest import suggest

_EXPLORE = "__explore__"
# Each entry takes some processes; a call in a long loop is a mistake.
_MAX_ENTRIES = 32


class TorchDiscovery(EmptyDiscovery):
    """See irlens_worker.provider.Discovery."""

    def __init__(self, source: Source, seed: int, claimed_lines: Set[int] = frozenset()) -> None:
        super().__init__()
        self._source = source
        self._seed = seed
        self._remarks, self.directives, self.diagnostics = find_remarks(source, claimed_lines)
        self.claimed_lines = {remark.line for remark in self._remarks}
        self._has_calls = any(_names_explore(node) for node in source.nodes)
        self._candidates = find_candidates(source)
        self._calls: list[tuple[Call, Frame]] = []
        self._too_many = False
        self._watch: CallWatch | None = None
        self._class_lines = {node.name: node.lineno for node in source.nodes if isinstance(node, ast.ClassDef)}

    def worth_running(self) -> bool:
        explicit = self._has_calls or bool(self._remarks)
        if not explicit and not self._candidates:
            self.suggestions = self._suggest([], None)
            self._say_nothing_found(self._candidates.reason)
            return False
        return True

    def claims(self, value: object) -> bool:
        return callable(value)

    def watching(self) -> contextlib.AbstractContextManager[None]:
        if self._has_calls or not (self._candidates or self._remarks):
            return contextlib.nullcontext()
        self._watch = CallWatch(self._user_frame, self._may_stop, _MAX_ENTRIES)
        return self._watch.active()

    def planted(self) -> Mapping[str, object]:
        return {_EXPLORE: self._explore}

    def finish(self, namespace: Mapping[str, Any], complete: bool) -> list[Entry]:
        if self._watch:
            self.diagnostics += self._watch.diagnostics
        names = NamePool()
        entries = [self._entry(call, False, names) for call, _ in self._calls]
        if complete or self._calls:
            for remark in self._remarks:
                entry = self._evaluate(remark, namespace, names)
                if entry:
                    entries.append(entry)
        if not self._has_calls and not self._remarks:
            entries += [self._entry(call, False, names) for call in self._guess(namespace, complete)]
        # Trying suggestions takes its time, and stages wait for their entries.
        self.suggestions = self._suggest(entries, namespace if complete and not entries else None)
        return entries

    def explain_nothing(self) -> None:
        if not self.diagnostics and not self._has_calls:
            self._say_nothing_found(f"the script calls no model; name one with '{EXAMPLE}'")

    def _say_nothing_found(self, reason: str) -> None:
        """With a suggestion for an example, above the class that it is for."""
        frames: list[Frame] = []
        for suggestion in self.suggestions[:1]:
            reason = reason.replace(EXAMPLE, suggestion["text"])
            frames = [(self._source.path, suggestion["line"], 0)]
        self.diagnostics.append(Diagnostic(f"nothing to lower: {reason}", frames, severity="info"))

    def _suggest(self, entries: list[Entry], namespace: Mapping[str, Any] | None) -> list[Json]:
        """Lines that would make entries of the classes that have none."""
        models = [entry.payload.model for entry in entries if entry.kind == "model"]
        covered = {type(part).__name__ for model in models for part in model.modules()}
        covered |= {name for remark in self._remarks for name in remark.names()}
        if self._has_calls and not entries:  # they have failed; the classes are spoken for
            covered |= set(self._class_lines)
        return suggest(self._source, covered, self._candidates.instances, namespace)

    def _guess(self, namespace: Mapping[str, Any], complete: bool) -> Iterator[Call]:
        """The calls that the script has made, then those that it could make."""
        called = list(outermost_models(self._watch.calls)) if self._watch else []
        yield from called
        if not complete:
            return
        parts = {id(part) for call in called for part in call.model.modules()}  # type: ignore[attr-defined]
        misfits: list[Diagnostic] = []
        found = bool(called)
        for name, module in top_level_modules(namespace).items():
            if id(module) in parts or (called and not is_model(module)):
                continue
            place = (self._source.path, self._candidates.modules.get(name, 0), 0)
            result = match(name, module, namespace, place)
            if isinstance(result, Call):
                found = True
                yield result
            else:
                misfits.append(result)
        for diagnostic in misfits:
            if found:  # a helper, maybe
                diagnostic.severity = "info"
        # Nothing was tried for a model without notes.
        self.diagnostics += [diagnostic for diagnostic in misfits if diagnostic.notes or not found]

    def _may_stop(self) -> bool:
        """Nothing that comments name is still to be made when the script begins to train."""
        known = vars(sys.modules["__main__"])
        return all(name in known or hasattr(builtins, name) for remark in self._remarks for name in remark.names())

    def _explore(
        self,
        model: Any,
        *inputs: Any,
        _name: str = "",
        _dynamic_shapes: Any = None,
        _strict: bool = False,
        **kwargs: Any,
    ) -> None:
        """What `__explore__` is while the file runs: notes the call, runs nothing."""
        frame = self._user_frame(sys._getframe(1))
        if not callable(model):
            raise TypeError(f"__explore__ needs a model that can be called, not {model!r}")
        if len(self._calls) >= _MAX_ENTRIES:
            if not self._too_many:
                self._too_many = True
                text = f"only the first {_MAX_ENTRIES} calls of __explore__ are lowered"
                self.diagnostics.append(Diagnostic(text, [frame], severity="warning"))
            return
        call = Call(unwrap(model), inputs, kwargs, _name, _strict, _dynamic_shapes, [frame])
        self._calls.append((call, frame))

    def _user_frame(self, frame: types.FrameType | None) -> Frame:
        """Where in this file the call stands, also when a helper module makes it."""
        while frame is not None:
            code = frame.f_code
            if code.co_filename == self._source.path:
                return code.co_filename, frame.f_lineno, code_column(code, frame.f_lasti)
            frame = frame.f_back
        return self._source.path, 0, 0

    def _evaluate(self, remark: Remark, namespace: Mapping[str, Any], names: NamePool) -> Entry | None:
        torch.manual_seed(self._seed)
        try:
            model, args, kwargs = remark.evaluate({"torch": torch, **namespace}, self._source.path)
        except Exception as error:
            diagnostic = exception_diagnostic(error)
            if not diagnostic.frames:
                diagnostic.frames = [(self._source.path, remark.line, remark.column)]
            self.diagnostics.append(diagnostic)
            return None
        options = {name: kwargs.pop(name, None) for name in ("_name", "_dynamic_shapes", "_strict")}
        frame = (self._source.path, remark.line, remark.column)
        call = Call(
            unwrap(model),
            args,
            kwargs,
            options["_name"] or "",
            bool(options["_strict"]),
            options["_dynamic_shapes"],
            [frame],
        )
        return self._entry(call, True, names)

    def _entry(self, call: Call, comment: bool, names: NamePool) -> Entry:
        call = join_devices(call)
        if call.dynamic_shapes is not None:
            self._complete_shapes(call)
        _, line, column = call.frames[0]
        is_model = isinstance(call.model, torch.nn.Module)
        if is_model:
            call.model.eval()  # type: ignore[attr-defined]
        return Entry(
            name=names.take(call.name or name_of(call.model)),
            kind="model" if is_model else "function",
            line=line,
            column=column,
            class_line=self._definition_line(call.model),
            comment=comment,
            signature=signature(call.args, call.kwargs, named_sizes(call)),
            parameters=parameter_count(call.model),
            payload=call,
        )

    def _complete_shapes(self, call: Call) -> None:
        try:
            call.dynamic_shapes = complete_spec(call.dynamic_shapes, callable_of(call.model), call.args, call.kwargs)
        except ValueError as error:
            self.diagnostics.append(Diagnostic(str(error), list(call.frames)))
            call.dynamic_shapes = None

    def _definition_line(self, model: Any) -> int:
        """Line of the model's class or function if it stands in this file, else 0."""
        code = getattr(model, "__code__", None)
        if code is not None:
            return int(code.co_firstlineno) if code.co_filename == self._source.path else 0
        cls = type(model)
        if cls.__module__ != "__main__":
            return 0
        return self._class_lines.get(cls.__name__, 0)


def _names_explore(node: ast.AST) -> bool:
    """True for `__explore__`, `builtins.__explore__` and `"__explore__"`."""
    if isinstance(node, ast.Name):
        return node.id == _EXPLORE
    if isinstance(node, ast.Attribute):
        return node.attr == _EXPLORE
    return isinstance(node, ast.Constant) and node.value == _EXPLORE

"""Watches the script for calls of models: a call shows a model and its inputs at once.

Used while a file runs that does not say what is to be lowered. Only the outermost call
counts; what happens within it is left alone, so that torch.compile and the like see torch
as it is. Training tells nothing new: the script ends at its first backward pass or
optimizer step; so does a script that goes on for long after it has shown a model.
"""

from __future__ import annotations

import contextlib
import functools
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import torch
from irlens_worker.frames import add_note
from irlens_worker.protocol import Diagnostic, Frame
from irlens_worker.script import ScriptStopped
from torch._C._functorch import is_functorch_wrapped_tensor
from torch.optim.optimizer import register_optimizer_step_pre_hook
from torch.utils import _pytree as pytree

from ..capture.callables import unwrap
from ..capture.export import Call
from .fit import inputs_note

# A script that has shown a model may go on for so many seconds.
_PATIENCE = 10.0
FindFrame = Callable[[FrameType | None], Frame]


@dataclass
class CallWatch:
    """Notes outermost calls of modules while it is active.

    `find_frame` tells where in the user's file a call stands; `may_stop` whether the script
    may end at its first training step.
    """

    find_frame: FindFrame
    may_stop: Callable[[], bool]
    limit: int
    calls: list[Call] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    _undo: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    _seen: set[int] = field(default_factory=set)

    @contextlib.contextmanager
    def active(self) -> Iterator[None]:
        """Watches this process, and leaves torch as it was."""
        with self._undo as undo:
            undo.enter_context(_patched(torch.nn.Module, "__call__", self._watched(torch.nn.Module.__call__)))
            for owner in (torch.Tensor, torch.autograd):
                undo.enter_context(_patched(owner, "backward", self._ending(owner.backward)))
            hook = register_optimizer_step_pre_hook(lambda *_: self._end(sys._getframe(1)))
            undo.callback(hook.remove)
            yield

    def _lose_patience(self) -> None:
        """From the first model on. A time limit that is in force stays in force."""
        if threading.current_thread() is not threading.main_thread():
            return  # only the main thread hears signals
        outer, left = signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_REAL)[0]
        if 0 < left <= _PATIENCE:
            return

        def wake(number: int, frame: FrameType | None) -> None:
            signal.signal(signal.SIGALRM, outer)
            signal.setitimer(signal.ITIMER_REAL, left - _PATIENCE if left else 0, 1.0)
            self._end(frame, f"it had shown its models and went on for {_PATIENCE:g} s")

        signal.signal(signal.SIGALRM, wake)
        signal.setitimer(signal.ITIMER_REAL, _PATIENCE)
        self._undo.callback(signal.signal, signal.SIGALRM, outer)
        self._undo.callback(signal.setitimer, signal.ITIMER_REAL, 0)

    def _watched(self, original: Callable[..., Any]) -> Callable[..., Any]:
        watch = self

        @functools.wraps(original)
        def call(self: torch.nn.Module, *args: Any, **kwargs: Any) -> Any:
            if torch.nn.Module.__call__ is not call or torch.compiler.is_compiling():
                return original(self, *args, **kwargs)
            found = watch._describe(self, args, kwargs, sys._getframe(1))
            torch.nn.Module.__call__ = original
            try:
                result = original(self, *args, **kwargs)
            except Exception as error:
                with contextlib.suppress(Exception):
                    add_note(error, *inputs_note(found))
                raise
            finally:
                if torch.nn.Module.__call__ is original:
                    torch.nn.Module.__call__ = call
            watch._note(found)
            return result

        return call

    def _describe(self, model: Any, args: tuple[Any, ...], kwargs: dict[str, Any], frame: FrameType) -> Call:
        return Call(unwrap(model), args, kwargs, frames=[self.find_frame(frame)])

    def _note(self, call: Call) -> None:
        # A model that is called again and again is one entry, with its first inputs.
        if id(call.model) in self._seen or len(self.calls) >= self.limit or not call.frames[0][1]:
            return
        tensors = (leaf for leaf in pytree.tree_leaves((call.args, call.kwargs)) if isinstance(leaf, torch.Tensor))
        if any(is_functorch_wrapped_tensor(tensor) for tensor in tensors):
            return  # of vmap or grad: it means nothing outside
        self._seen.add(id(call.model))
        if not self.calls:
            self._lose_patience()
        self.calls.append(call)

    def _ending(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def backward(*args: Any, **kwargs: Any) -> Any:
            self._end(sys._getframe(1))
            return original(*args, **kwargs)

        return backward

    def _end(self, frame: FrameType | None, reason: str = "what is lowered does not need its training") -> None:
        if not self.may_stop():
            return
        if not self.diagnostics:
            text = f"the script was stopped here: {reason}"
            self.diagnostics.append(Diagnostic(text, [self.find_frame(frame)], severity="hint"))
        raise ScriptStopped


@contextlib.contextmanager
def _patched(owner: Any, name: str, replacement: Any) -> Iterator[None]:
    original = getattr(owner, name)
    setattr(owner, name, replacement)
    try:
        yield
    finally:
        if getattr(owner, name) is replacement:  # else the script has put its own there
            setattr(owner, name, original)


def outermost_models(calls: list[Call]) -> Iterator[Call]:
    """The calls worth an entry: of whole models, not of their parts or of loss functions."""
    inner = {id(part) for call in calls for part in call.model.modules() if part is not call.model}  # type: ignore[attr-defined]
    whole = [call for call in calls if id(call.model) not in inner]
    for call in [call for call in whole if is_model(call.model)] or whole:
        # Without the graph that autograd has recorded.
        call.args, call.kwargs = pytree.tree_map_only(torch.Tensor, torch.Tensor.detach, (call.args, call.kwargs))
        yield call


def is_model(module: Any) -> bool:
    """False for losses, and for layers of the library that learn nothing (nn.ReLU())."""
    library = type(module).__module__.startswith("torch.nn.")
    return not library or next(module.parameters(), None) is not None or next(module.children(), None) is not None

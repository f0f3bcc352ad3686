"""What to say when a model and its inputs do not fit: both signatures, on the user's line.

Called when an export or a trace has failed, in that stage's process, and by discovery.
torch.export has its own words for what Python would say when the model is called; so a
call that failed is repeated without torch.export, and Python's words count.
"""

from __future__ import annotations

import contextlib
import inspect
import signal
import warnings
from collections.abc import Iterator
from typing import Any

import torch
from irlens_worker.frames import exception_diagnostic, is_library_file
from irlens_worker.protocol import Diagnostic, Frame

from ..capture.callables import callable_of, name_of
from ..capture.dynamic_shapes import constraint_message
from ..capture.export import Call
from ..capture.signature import describe_inputs, describe_value

# A call that is repeated to see what is wrong with it is not worth more.
_SECONDS = 5.0


class TooSlow(BaseException):
    """A call of user code takes too long; not an Exception, so that models let it through."""


def parameters_of(model: Any) -> list[inspect.Parameter] | None:
    """The parameters of a model's forward or of a function; None if nobody knows them."""
    try:
        return list(inspect.signature(callable_of(model)).parameters.values())
    except (TypeError, ValueError):  # a builtin
        return None


def title(model: Any) -> str:
    """`Net.forward` or the name of a function."""
    if isinstance(model, torch.nn.Module):
        return f"{name_of(model)}.forward"
    name = name_of(model)
    return "the lambda" if name == "<lambda>" else name


def declared(model: Any) -> str:
    """`Net.forward(x, mask=None)`, without annotations of types, which can be long."""
    parameters = parameters_of(model)
    if parameters is None:
        return title(model)
    bare = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in parameters]
    return title(model) + str(inspect.Signature(bare))


def misfit(call: Call) -> Diagnostic | None:
    """When the call does not even reach the model: both signatures. None if it does."""
    try:
        signature = inspect.signature(callable_of(call.model))
    except (TypeError, ValueError):
        return None
    try:
        signature.bind(*call.args, **call.kwargs)
    except TypeError as error:
        given = describe_inputs(call.args, call.kwargs)
        text = f"{declared(call.model)} cannot take ({given}): {error}"
        return Diagnostic(text, list(call.frames), notes=_definition(call.model))
    return None


def inputs_note(call: Call) -> tuple[str, list[Frame]]:
    """What the model was called with, for a message about a line inside of it."""
    try:
        bound = inspect.signature(callable_of(call.model)).bind(*call.args, **call.kwargs)
    except (TypeError, ValueError):
        given = describe_inputs(call.args, call.kwargs)
    else:
        given = ", ".join(f"{name}: {describe_value(value)}" for name, value in bound.arguments.items())
    return f"{title(call.model)} was given ({given})", list(call.frames)


def explain_call(error: BaseException, call: Call) -> Diagnostic:
    """The diagnostic of an export or a trace that failed."""
    found = misfit(call)
    if found is not None:
        return found
    users = call_plainly(call)
    if users is None:  # the model runs: the capture is at its limits
        return _explain_export(error, call)
    if users.__context__ is error:  # not a cause of it: we have called in its handler
        users.__context__ = None
    diagnostic = exception_diagnostic(users)
    diagnostic.notes.append(inputs_note(call))
    return diagnostic


def _explain_export(error: BaseException, call: Call) -> Diagnostic:
    diagnostic = exception_diagnostic(error)
    diagnostic.notes = [(text, frames) for text, frames in diagnostic.notes if "draft_export" not in text]
    about_shapes = constraint_message(error)
    if about_shapes is not None:
        diagnostic.message = about_shapes
        if all(is_library_file(file) for file, _, _ in diagnostic.frames):
            diagnostic.frames = list(call.frames)
    return diagnostic


def call_plainly(call: Call) -> Exception | None:
    """Calls the model as Python does; returns what it raises, None if all is well."""
    try:
        with torch.no_grad(), warnings.catch_warnings(), time_limit(_SECONDS):
            warnings.simplefilter("ignore")
            call.model(*call.args, **call.kwargs)
    except Exception as error:
        return error
    except TooSlow:
        pass
    return None


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raises TooSlow in user code that takes longer."""

    def give_up(number: int, frame: Any) -> None:
        raise TooSlow

    previous = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def _definition(model: Any) -> list[tuple[str, list[Frame]]]:
    code = getattr(inspect.unwrap(callable_of(model)), "__code__", None)
    if code is None:
        return []
    return [(f"{title(model)} is defined here", [(code.co_filename, code.co_firstlineno, 0)])]

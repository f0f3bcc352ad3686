"""Pairs each top-level module with the inputs at hand, for files that name no entry.

Inputs are top-level tensors, structures of them, and numbers. A parameter of forward takes
the variable of its own name; what remains is tried in the order of the file. Shapes are
enough to see whether inputs fit: the tries run among fake tensors.
"""

from __future__ import annotations

import contextlib
import inspect
import itertools
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from irlens_worker.frames import exception_diagnostic
from irlens_worker.protocol import Diagnostic, Frame
from torch._guards import detect_fake_mode
from torch._subclasses import fake_tensor
from torch.fx.experimental.symbolic_shapes import GuardOnDataDependentSymNode
from torch.nn.parameter import is_lazy
from torch.utils import _pytree as pytree

from ..capture.export import Call
from ..capture.signature import describe_inputs, describe_value
from .devices import join_devices
from .fit import declared, misfit, parameters_of

# Combinations of inputs that are tried for one model.
_MOST_TRIES = 64
_MOST_NOTES = 4
Way = tuple[tuple[Any, ...], dict[str, Any]]
# What a model raises that would run but for its input being fake.
NEEDS_DATA = (
    fake_tensor.DataDependentOutputException,
    fake_tensor.DynamicOutputShapeException,
    fake_tensor.UnsupportedFakeTensorException,
    fake_tensor.UnsupportedOperatorException,
    GuardOnDataDependentSymNode,
)


def top_level_modules(namespace: Mapping[str, Any]) -> dict[str, torch.nn.Module]:
    """The modules of a script by name; parts of others and second names are left out."""
    modules = {
        name: value
        for name, value in namespace.items()
        if isinstance(value, torch.nn.Module) and not name.startswith("_")
    }
    known = {id(part) for module in modules.values() for part in module.modules() if part is not module}
    found = {}
    for name, module in modules.items():
        if id(module) not in known:
            known.add(id(module))
            found[name] = module
    return found


def match(name: str, module: torch.nn.Module, namespace: Mapping[str, Any], place: Frame) -> Call | Diagnostic:
    """The call that fits, or what is wrong with all of them."""
    values = {name: value for name, value in namespace.items() if _is_input(value) and not name.startswith("__")}
    module.eval()
    tried: list[tuple[Way, Exception]] = []
    for way in itertools.islice(_ways(module, values), _MOST_TRIES):
        call = join_devices(Call(module, *way, frames=[place]))
        if misfit(call):
            continue
        error = try_call(call)
        if error is None:
            return call
        tried.append((way, error))
    return _nothing_fits(name, module, values, tried, place)


def try_call(call: Call) -> Exception | None:
    """Calls a model for its shapes only; returns what it raises, None if the inputs fit."""
    model: Any = call.model
    if any(is_lazy(weight) for weight in model.parameters()):
        return None  # a lazy layer takes the shape of its first input: not from one that is fake
    inputs = (call.args, call.kwargs)
    mode = detect_fake_mode(inputs) or fake_tensor.FakeTensorMode(allow_non_fake_inputs=True)

    def fake(tensor: torch.Tensor) -> torch.Tensor:
        return tensor if isinstance(tensor, fake_tensor.FakeTensor) else mode.from_tensor(tensor)

    try:
        with torch.no_grad(), warnings.catch_warnings(), _unchanged(model), mode:
            warnings.simplefilter("ignore")
            # Stores into a tensor of one element would reach the real one.
            state = {name: fake(tensor) for name, tensor in _state(model)}
            args, kwargs = pytree.tree_map_only(torch.Tensor, fake, inputs)
            torch.func.functional_call(model, state, args, kwargs)
    except NEEDS_DATA:
        return None
    except Exception as error:
        return error
    return None


def _state(model: torch.nn.Module) -> Iterator[tuple[str, torch.Tensor]]:
    yield from model.named_parameters()
    yield from model.named_buffers()


@contextlib.contextmanager
def _unchanged(model: torch.nn.Module) -> Iterator[None]:
    """Forgets what a model stores while it is tried: that would be fake."""
    saved = [(part, dict(vars(part)), dict(part._buffers)) for part in model.modules()]
    try:
        yield
    finally:
        for part, attributes, buffers in saved:
            vars(part).clear()
            vars(part).update(attributes)
            part._buffers.clear()
            part._buffers.update(buffers)


def _ways(module: torch.nn.Module, values: dict[str, Any]) -> Iterator[Way]:
    parameters = parameters_of(module) or []
    required = [
        parameter
        for parameter in parameters
        if parameter.default is parameter.empty
        and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    ]
    optional = [parameter for parameter in parameters if parameter.default is not parameter.empty]
    fixed = {parameter.name: values[parameter.name] for parameter in required if parameter.name in values}
    extra = {
        parameter.name: values[parameter.name]
        for parameter in optional
        if parameter.name in values and _has_tensor(values[parameter.name])
    }
    if required and len(fixed) == len(required):
        yield _arrange(required, {**fixed, **extra})
        if extra:
            yield _arrange(required, fixed)
    tensors = {name: value for name, value in values.items() if _has_tensor(value)}
    for value in tensors.values():
        yield from _ways_to_pass(value)
    open_ones = [parameter for parameter in required if parameter.name not in fixed]
    if len(required) < 2 or not open_ones:
        return
    rest = [value for name, value in tensors.items() if name not in fixed]
    # First those that keep the order of the file.
    for choose in (itertools.combinations, itertools.permutations):
        for chosen in choose(rest, len(open_ones)):
            filled = {p.name: value for p, value in zip(open_ones, chosen, strict=True)}
            yield _arrange(required, {**fixed, **filled, **extra})


def _arrange(required: list[inspect.Parameter], bound: dict[str, Any]) -> Way:
    """Passes by position what can be, the rest by name."""
    rest = dict(bound)
    args = [
        rest.pop(parameter.name)
        for parameter in required
        if parameter.kind is not parameter.KEYWORD_ONLY and parameter.name in rest
    ]
    return tuple(args), rest


def _ways_to_pass(value: Any) -> Iterator[Way]:
    if isinstance(value, (tuple, list)):
        yield tuple(value), {}
    elif isinstance(value, dict) and all(isinstance(key, str) for key in value):
        yield (), value
    yield (value,), {}


def _is_input(value: Any) -> bool:
    if isinstance(value, (int, float)):
        return True
    return _has_tensor(value) and all(
        leaf is None or isinstance(leaf, (torch.Tensor, int, float, str)) for leaf in pytree.tree_leaves(value)
    )


def _has_tensor(value: Any) -> bool:
    return any(
        isinstance(leaf, torch.Tensor) and not isinstance(leaf, torch.nn.Parameter)
        for leaf in pytree.tree_leaves(value)
    )


def _nothing_fits(
    name: str, module: torch.nn.Module, values: dict[str, Any], tried: list[tuple[Way, Exception]], place: Frame
) -> Diagnostic:
    """Both signatures, and what each try came to, on the line inside the model."""
    tensors = {key: value for key, value in values.items() if _has_tensor(value)}
    given = ", ".join(f"{key}: {describe_value(value)}" for key, value in list(tensors.items())[:_MOST_NOTES])
    text = f"{name}: nothing at top level fits {declared(module)}; at hand: {given or 'no tensor'}"
    notes = []
    for (args, kwargs), error in tried[:_MOST_NOTES]:
        said = exception_diagnostic(error)
        notes.append((f"with ({describe_inputs(args, kwargs)}): {said.message}", said.frames or [place]))
    return Diagnostic(text, [place], severity="warning", notes=notes)

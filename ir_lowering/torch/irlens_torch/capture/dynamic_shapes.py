"""Dynamic shapes: what `_dynamic_shapes=` may say, its names in signatures, its errors.

It is what torch.export takes, and a little more: a string is a dimension of that name, and
inputs that are not mentioned are static. Called by discovery, by the fx stage, and when an
export has failed.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch._dynamo.exc import UserError
from torch.export import Dim, ExportedProgram
from torch.fx.experimental.symbolic_shapes import ConstraintViolationError
from torch.utils import _pytree as pytree

from .callables import callable_of
from .export import Call
from .signature import Sizes

# What follows torch's own sentence about a dimension, and about any failed export.
_ADVICE = re.compile(r" If you're using mark_dynamic,.*$", re.MULTILINE)
_APPENDIX = re.compile(r"\s*The error above occurred when calling torch\.export.*\Z", re.DOTALL)
_SIZE = re.compile(r"L\['(\w+)'\]((?:\[\S+?\])*)\.size\(\)\[(\d+)\]")


def complete_spec(spec: Any, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The specification as torch.export wants it. Raises ValueError with what is wrong."""
    if isinstance(spec, torch.export.ShapesCollection):
        return spec
    if not isinstance(spec, (dict, tuple, list)):
        raise ValueError(f"_dynamic_shapes is a dict, a tuple or a list, not {type(spec).__name__}")
    dims: dict[str, Any] = {}
    spec = _name_dims(spec, dims)
    bound = _bind(function, args, kwargs)
    if bound is None:
        return spec
    if isinstance(spec, dict):
        unknown = [str(name) for name in spec if name not in bound]
        if unknown:
            names = ", ".join(bound) or "none"
            raise ValueError(f"_dynamic_shapes names {', '.join(unknown)}; the inputs are: {names}")
        spec = {name: spec.get(name) for name in bound}
        pairs = [(name, value, spec[name]) for name, value in bound.items()]
    else:
        if len(spec) > len(bound):
            raise ValueError(f"_dynamic_shapes has {len(spec)} items for {len(bound)} inputs")
        spec = type(spec)([*spec, *[None] * (len(bound) - len(spec))])
        pairs = [(name, value, item) for (name, value), item in zip(bound.items(), spec, strict=True)]
    for name, value, item in pairs:
        for tensor, dimensions in _tensors(value, item):
            wrong = [index for index in dimensions if not -tensor.dim() <= index < tensor.dim()]
            if wrong:
                raise ValueError(f"_dynamic_shapes names dimension {wrong[0]} of {name}, which has {tensor.dim()}")
    return spec


def named_sizes(call: Call) -> Sizes:
    """Gives the sizes of inputs, dynamic ones by name (or `?`)."""
    found: dict[int, dict[int, Any]] = {}
    bound = _bind(callable_of(call.model), call.args, call.kwargs)
    spec = call.dynamic_shapes
    if bound is not None and isinstance(spec, (dict, tuple, list)):
        items = spec.values() if isinstance(spec, dict) else spec
        for value, item in zip(bound.values(), items, strict=False):
            found.update({id(tensor): dimensions for tensor, dimensions in _tensors(value, item)})

    def sizes(tensor: torch.Tensor) -> list[str]:
        dimensions = found.get(id(tensor), {})
        return [_label(dimensions.get(index), size) for index, size in enumerate(tensor.shape)]

    return sizes


def symbol_names(program: ExportedProgram, call: Call) -> dict[str, str]:
    """The user's names for the symbols of an exported program: `s77` -> `batch`."""
    if not call.dynamic_shapes:
        return {}
    sizes = named_sizes(call)
    given = pytree.tree_leaves((call.args, call.kwargs))
    placeholders = {node.name: node.meta.get("val") for node in program.graph.nodes if node.op == "placeholder"}
    names: dict[str, str] = {}
    for name, leaf in zip(program.graph_signature.user_inputs, given, strict=False):
        value = placeholders.get(str(name))
        if not isinstance(leaf, torch.Tensor) or not isinstance(value, torch.Tensor):
            continue
        for size, label in zip(value.shape, sizes(leaf), strict=True):
            if str(size) != label and str(size).isidentifier() and label.isidentifier():
                names[str(size)] = label
    return names


def rename_symbols(names: Mapping[str, str]) -> Callable[[str], str]:
    """Replaces the symbols in a text by their names."""
    if not names:
        return lambda text: text
    pattern = re.compile(rf"\b({'|'.join(map(re.escape, names))})\b")
    return lambda text: pattern.sub(lambda match: names[match.group(1)], text)


def constraint_message(error: BaseException) -> str | None:
    """What torch.export says about dynamic shapes, without its advice; None if it is no such error."""
    text = _APPENDIX.sub("", str(error))
    if isinstance(error, ConstraintViolationError):
        return f"dynamic shapes: {text}"
    if not isinstance(error, UserError) or "Constraints violated" not in text:
        return None
    facts, _, fixes = text.partition("Suggested fixes:")
    sentences = [line.strip(" -") for line in _ADVICE.sub("", facts).splitlines()[1:] if line.strip()]
    text = "dynamic shapes: " + " ".join(sentences)
    if fixes.strip():
        text += " Suggested fix: " + "; ".join(line.strip() for line in fixes.strip().splitlines())
    return _SIZE.sub(r"\1\2.shape[\3]", text)


def _bind(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any] | None:
    try:
        return dict(inspect.signature(function).bind(*args, **kwargs).arguments)
    except (TypeError, ValueError):  # said elsewhere
        return None


def _name_dims(spec: Any, dims: dict[str, Any]) -> Any:
    if isinstance(spec, str):
        if spec not in dims:
            try:
                dims[spec] = Dim(spec)
            except (AssertionError, ValueError) as error:
                raise ValueError(f"{spec!r} is no name for a dimension") from error
        return dims[spec]
    if isinstance(spec, dict):
        return {key: _name_dims(item, dims) for key, item in spec.items()}
    if isinstance(spec, (tuple, list)):
        return type(spec)([_name_dims(item, dims) for item in spec])
    return spec


def _tensors(value: Any, spec: Any) -> list[tuple[torch.Tensor, dict[int, Any]]]:
    """Each tensor of an input with what is said about its dimensions."""
    if spec is None:
        return []
    if isinstance(value, torch.Tensor):
        if isinstance(spec, dict):
            return [(value, {key: item for key, item in spec.items() if isinstance(key, int)})]
        return [(value, dict(enumerate(spec)))] if isinstance(spec, (tuple, list)) else []
    if isinstance(value, dict) and isinstance(spec, dict):
        return [found for key, item in value.items() for found in _tensors(item, spec.get(key))]
    if isinstance(value, (tuple, list)) and isinstance(spec, (tuple, list)):
        return [found for item, inner in zip(value, spec, strict=False) for found in _tensors(item, inner)]
    return []


def _label(dimension: Any, size: int) -> str:
    if dimension is None or isinstance(dimension, int):
        return str(size)
    if isinstance(dimension, Dim):
        return str(dimension.__name__)
    return str(size) if "STATIC" in str(getattr(dimension, "type", "")) else "?"

"""Says in one line what goes into a model, and how many weights it has.

Called by discovery for entry.json, and wherever a message shows what a model was given.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.utils import _pytree as pytree

_SHORT = {
    torch.float64: "f64",
    torch.float32: "f32",
    torch.float16: "f16",
    torch.bfloat16: "bf16",
    torch.int64: "i64",
    torch.int32: "i32",
    torch.int16: "i16",
    torch.int8: "i8",
    torch.uint8: "u8",
    torch.bool: "b8",
    torch.complex64: "c64",
    torch.complex128: "c128",
}
# Longer lists and dicts are cut in messages.
_MOST_ITEMS = 4
# Gives the sizes of a tensor, some of which may have names.
Sizes = Callable[[torch.Tensor], list[str]]


def tensor_type(tensor: Any, sizes: Sizes | None = None) -> str:
    """`f32[1, 3, 224, 224]`, symbolic sizes by their name."""
    name = _SHORT.get(tensor.dtype, str(tensor.dtype).removeprefix("torch."))
    shape = sizes(tensor) if sizes else [str(size) for size in tensor.shape]
    return f"{name}[{', '.join(shape)}]"


def signature(args: tuple[Any, ...], kwargs: dict[str, Any], sizes: Sizes | None = None) -> str:
    """The types of all inputs, in the order in which they are passed."""
    leaves = pytree.tree_leaves((args, kwargs))
    return ", ".join(
        tensor_type(leaf, sizes) if isinstance(leaf, torch.Tensor) else type(leaf).__name__ for leaf in leaves
    )


def describe_value(value: Any) -> str:
    """A value's type with its structure: `{"a": f32[2], "b": [i64[3], int]}`."""
    if isinstance(value, torch.Tensor):
        return tensor_type(value)
    if isinstance(value, dict):
        items = [f'"{key}": {describe_value(item)}' for key, item in list(value.items())[:_MOST_ITEMS]]
        return "{" + ", ".join(items + ["..."] * (len(value) > _MOST_ITEMS)) + "}"
    if isinstance(value, (tuple, list)):
        items = [describe_value(item) for item in value[:_MOST_ITEMS]] + ["..."] * (len(value) > _MOST_ITEMS)
        text = ", ".join(items)
        return f"[{text}]" if isinstance(value, list) else f"({text})"
    return "None" if value is None else type(value).__name__


def describe_inputs(args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """What stands between the brackets of a call: `f32[1, 3], mask=b8[3]`."""
    return ", ".join(
        [describe_value(value) for value in args] + [f"{k}={describe_value(v)}" for k, v in kwargs.items()]
    )


def parameter_count(model: Any) -> int:
    """How many numbers a model learns; shared ones count once. -1 for a plain function."""
    if not isinstance(model, torch.nn.Module):
        return -1
    return sum(
        parameter.numel()
        for parameter in model.parameters()
        if not isinstance(parameter, torch.nn.UninitializedParameter)
    )

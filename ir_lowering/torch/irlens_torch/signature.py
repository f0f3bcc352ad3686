"""Says in one line what goes into a model, and how many weights it has.

Called by discovery for entry.json.
"""

from __future__ import annotations

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


def tensor_type(tensor: Any) -> str:
    """`f32[1, 3, 224, 224]`, symbolic sizes by their name."""
    name = _SHORT.get(tensor.dtype, str(tensor.dtype).removeprefix("torch."))
    return f"{name}[{', '.join(str(size) for size in tensor.shape)}]"


def signature(args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """The types of all inputs, in the order in which they are passed."""
    leaves = pytree.tree_leaves((args, kwargs))
    return ", ".join(tensor_type(leaf) if isinstance(leaf, torch.Tensor) else type(leaf).__name__ for leaf in leaves)


def parameter_count(model: Any) -> int:
    """How many numbers a model learns; shared ones count once. -1 for a plain function."""
    if not isinstance(model, torch.nn.Module):
        return -1
    return sum(
        parameter.numel()
        for parameter in model.parameters()
        if not isinstance(parameter, torch.nn.UninitializedParameter)
    )

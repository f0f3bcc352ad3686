"""Brings a model and its inputs together when one of them is on the meta device.

A model without weights takes inputs as they come, and the other way round: only types and
shapes matter for lowering.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.utils import _pytree as pytree

from ..capture.export import Call

_META = torch.device("meta")


def join_devices(call: Call) -> Call:
    """The same call with inputs on the device of the model's weights."""
    if not isinstance(call.model, torch.nn.Module):
        return call
    weights = [*call.model.parameters(), *call.model.buffers()]
    are_meta = {weight.device.type == "meta" for weight in weights}
    if len(are_meta) != 1:  # no weights, or some of each: the model knows what it does
        return call
    device = _META if are_meta.pop() else weights[0].device

    def move(tensor: Any) -> Any:
        if (tensor.device.type == "meta") == (device.type == "meta"):
            return tensor
        # Zeros take no memory until somebody looks at them.
        return torch.zeros_like(tensor, device=device)

    call.args, call.kwargs = pytree.tree_map_only(torch.Tensor, move, (call.args, call.kwargs))
    return call

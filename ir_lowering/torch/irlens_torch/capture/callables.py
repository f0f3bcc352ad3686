"""What a callable is underneath: the model that a compiler or an object hides.

Called by discovery wherever a model comes from user code.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import torch


def unwrap(model: Any) -> Any:
    """The model itself when a wrapper hides it; the method of an object that can be called."""
    model = getattr(model, "_orig_mod", model)
    model = getattr(model, "_torchdynamo_orig_callable", model)
    if isinstance(model, (torch.nn.DataParallel, torch.nn.parallel.DistributedDataParallel)):
        model = model.module
    plain = (torch.nn.Module, torch.jit.ScriptFunction, functools.partial, type)
    if isinstance(model, plain) or inspect.isroutine(model) or not callable(model):
        return model
    method = model.__call__
    return method if hasattr(method, "__code__") else model


def callable_of(model: Any) -> Callable[..., Any]:
    """What Python finally calls with the inputs."""
    function: Callable[..., Any] = model.forward if isinstance(model, torch.nn.Module) else model
    return function


def name_of(model: Any) -> str:
    """The name that people know a model or a function by."""
    owner = getattr(model, "__self__", None)
    if isinstance(model, functools.partial):
        return name_of(model.func)
    if isinstance(model, torch.jit.ScriptModule):
        return str(getattr(model, "original_name", "ScriptModule"))
    if isinstance(model, torch.nn.Module):
        return type(model).__name__
    if getattr(model, "__name__", "") == "__call__" and owner is not None:
        return type(owner).__name__
    return str(getattr(model, "__name__", type(model).__name__))

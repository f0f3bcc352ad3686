"""`torch.cuda` for a GPU that is not there: present, idle, and finished with everything.

Called when the user's file runs, or in the middle of it when that imports torch.
"""

from __future__ import annotations

import contextlib
from types import SimpleNamespace
from typing import Any

import torch
import torch._dynamo  # operators on meta tensors import it, and it must not see what is replaced here

from ..resources.hardware import limits_of
from ..targets import Target
from .patching import Patches
from .pretended_driver import PRETENDED_MS, compute_capability
from .pretended_tensors import GPU, OnValue, PretendedGpu, activate, any_pretended, is_gpu

_MEMORY = 80 << 30


class _Stream(contextlib.AbstractContextManager["_Stream"]):
    """A stream or an event: there is nothing to wait for."""

    cuda_stream = 0
    device = GPU

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        pass

    def query(self) -> bool:
        return True

    def elapsed_time(self, end: Any) -> float:
        return PRETENDED_MS

    def record_event(self, event: Any = None) -> Any:
        return event or _Stream()

    def _nothing(self, *args: Any, **kwargs: Any) -> None:
        pass

    record = wait = synchronize = wait_event = wait_stream = _nothing
    replay = capture_begin = capture_end = reset = _nothing


class PretendedCuda:
    """Puts the GPU there and takes it away again."""

    def __init__(self, target: Target, on_value: OnValue) -> None:
        self._target = target
        self._gpu = PretendedGpu(on_value)
        self._patches = Patches()

    def start(self) -> None:
        """From here on there is a GPU."""
        for name, value in {**_ANSWERS, **self._answers()}.items():
            self._patches.set(torch.cuda, name, value)
        self._patches.set(torch, "set_default_device", self._set_default_device)
        self._patches.set(torch, "Generator", _PretendedGenerator)
        for name in ("assert_close", "assert_allclose"):
            if hasattr(torch.testing, name):
                self._patches.set(torch.testing, name, self._unless_pretended(getattr(torch.testing, name)))
        self._patches.set(torch.version, "cuda", None if not self._target.is_nvidia else "13.0")
        self._patches.set(torch.version, "hip", None if self._target.is_nvidia else "7.0")
        from torch.utils import _device

        self._patches.set(_device.DeviceContext, "__torch_function__", self._in_device_context())
        # Modes belong to a thread: what autograd calls must run in this one.
        torch.autograd.set_multithreading_enabled(False)
        activate(self._gpu)
        self._gpu.__enter__()

    def stop(self) -> None:
        """There is no GPU any more; pretended tensors remain what they are."""
        self._gpu.__exit__(None, None, None)
        activate(None)
        self._patches.undo()

    def _set_default_device(self, device: Any) -> None:
        self._gpu.default_device = None
        if device is not None and is_gpu(device):
            self._gpu.default_device = torch.device(device)
        elif device is not None:
            _set_default_device(device)

    def _in_device_context(self) -> Any:
        """`with torch.device("cuda"):` names the device for whatever makes a tensor."""
        from torch.utils import _device

        original, gpu = _device.DeviceContext.__torch_function__, self._gpu

        def call(context: Any, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            kwargs = kwargs or {}
            if not is_gpu(context.device) or func not in _device._device_constructors():
                return original(context, func, types, args, kwargs)
            return gpu.call(func, args, {**kwargs, "device": kwargs.get("device") or context.device})

        return call

    def _unless_pretended(self, function: Any) -> Any:
        """A comparison whose outcome nobody knows holds."""

        def call(*args: Any, **kwargs: Any) -> Any:
            if any_pretended(args, kwargs):
                self._gpu.make_up(f"{function.__name__}()", True)
                return None
            return function(*args, **kwargs)

        return call

    def _answers(self) -> dict[str, Any]:
        limits = limits_of(self._target)
        major, minor = compute_capability(self._target)
        properties = SimpleNamespace(
            name=limits.name,
            major=major,
            minor=minor,
            total_memory=_MEMORY,
            multi_processor_count=limits.processors,
            warp_size=self._target.warp_size,
            regs_per_multiprocessor=limits.registers,
            shared_memory_per_block=48 << 10,
            shared_memory_per_block_optin=limits.shared_per_block,
            shared_memory_per_multiprocessor=limits.shared,
            max_threads_per_multi_processor=limits.warps * self._target.warp_size,
            L2_cache_size=50 << 20,
            gcnArchName=self._target.name,
            is_integrated=0,
        )
        return {
            "get_device_name": lambda *args, **kwargs: limits.name,
            "get_device_capability": lambda *args, **kwargs: (major, minor),
            "get_device_properties": lambda *args, **kwargs: properties,
        }


def _nothing(*args: Any, **kwargs: Any) -> None:
    return None


def _always(value: Any) -> Any:
    return lambda *args, **kwargs: value


_ANSWERS: dict[str, Any] = {
    "is_available": _always(True),
    "is_initialized": _always(True),
    "is_bf16_supported": _always(True),
    "device_count": _always(1),
    "current_device": _always(0),
    "mem_get_info": _always((_MEMORY, _MEMORY)),
    "current_stream": _always(_Stream()),
    "default_stream": _always(_Stream()),
    "stream": _always(_Stream()),
    "device": _Stream,
    "Stream": _Stream,
    "ExternalStream": _Stream,
    "Event": _Stream,
    "CUDAGraph": _Stream,
    "graph": _Stream,
    "_lazy_init": _nothing,
    **dict.fromkeys(
        "init synchronize set_device empty_cache reset_peak_memory_stats manual_seed manual_seed_all "
        "seed seed_all set_stream ipc_collect reset_max_memory_allocated".split(),
        _nothing,
    ),
    **dict.fromkeys("memory_allocated max_memory_allocated memory_reserved max_memory_reserved".split(), _always(0)),
}

_set_default_device = torch.set_default_device
_Generator = torch.Generator


class _AnyGenerator(type):
    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, _Generator)


class _PretendedGenerator(metaclass=_AnyGenerator):
    """Makes a generator of random numbers; those of the GPU are real ones on the CPU."""

    def __new__(cls, device: Any = "cpu") -> Any:
        return _Generator("cpu" if is_gpu(device) else device)

"""Tensors on a GPU that is not there: they have a shape, a type and a device, no values.

A pretended tensor is a meta tensor that says it is on the GPU: it costs no memory and every
operator of PyTorch knows its shape. What needs values gets made-up ones, and is told to
`on_value` once for each line. Active while the user's file runs; CPU tensors stay real.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

# Told what was asked for, such as "item()".
OnValue = Callable[[str], None]

GPU = torch.device("cuda", 0)
_CPU = torch.device("cpu")
# Asked more often than this at one place, a condition is false: loops must end.
_MANY = 16
# An integer that is aligned, as most sizes are.
_TYPICAL_INTEGER = 16
_MOST_VALUES = 1 << 20


class PretendedTensor(torch.Tensor):
    """A meta tensor that claims another device, and has made-up values."""

    pretended_device = GPU

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _active.call(func, args, kwargs or {})

    def data_ptr(self) -> int:
        """Aligned as memory from the allocator is, unless the tensor starts within it."""
        with torch._C.DisableTorchFunctionSubclass():
            return int(self.storage_offset() * self.element_size())

    def ptr_range(self) -> int:
        """Bytes of the memory that the tensor is a part of."""
        with torch._C.DisableTorchFunctionSubclass():
            return int(self.untyped_storage().size())

    def __deepcopy__(self, memo: Any) -> PretendedTensor:
        return self.clone()

    def __repr__(self, **kwargs: Any) -> str:
        with torch._C.DisableTorchFunctionSubclass():
            return f"tensor(..., device='{self.pretended_device}', size={tuple(self.shape)}, dtype={self.dtype})"

    def __format__(self, spec: str) -> str:
        return repr(self)


class PretendedGpu(TorchFunctionMode):
    """Leads everything that is about the GPU to pretended tensors."""

    def __init__(self, on_value: OnValue) -> None:
        super().__init__()
        self._on_value = on_value
        self._asked: dict[str, int] = {}
        self.default_device: torch.device | None = None

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return self.call(func, args, kwargs or {})

    def call(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Executes a function of PyTorch, which may or may not concern the GPU."""
        name = getattr(func, "__name__", "")
        if name == "__get__":
            return _attribute(func, args)
        if self.default_device is not None and kwargs.get("device") is None and func in _makers():
            kwargs = {**kwargs, "device": self.default_device}
        tensors = list(_pretended(args, kwargs))
        special = _SPECIAL.get(name)
        if special and (tensors or is_gpu(_wanted_device(func, args, kwargs))):
            return special(self, func, args, kwargs)
        device = kwargs.get("device")
        if device is not None and is_gpu(device):
            return self._make(func, args, kwargs, torch.device(device))
        if not tensors:
            return func(*args, **kwargs)
        return self._compute(func, args, kwargs, tensors)

    def _make(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], device: torch.device) -> Any:
        left_out = ("generator", "pin_memory", "requires_grad")
        plain = {name: value for name, value in kwargs.items() if name not in left_out}
        with torch._C.DisableTorchFunction():
            made = _claim(func(*_to_meta(args), **_to_meta({**plain, "device": "meta"})), device)
            # A leaf: it must not stem from the tensor that it was made of.
            return made.requires_grad_() if kwargs.get("requires_grad") else made

    def _compute(self, func: Any, args: Any, kwargs: dict[str, Any], tensors: list[Any]) -> Any:
        devices = {_device(tensor).type for tensor in tensors}
        real = [item for item in _leaves((args, kwargs)) if _is_real(item) and item.dim() > 0]
        if "cuda" in devices and real and getattr(func, "__name__", "") not in _MIXING:
            raise RuntimeError(
                "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!"
            )
        device = GPU if "cuda" in devices else _CPU
        if "device" in kwargs:
            device = torch.device(kwargs["device"] or device)
            kwargs = {**kwargs, "device": "meta"}
        kwargs = {name: value for name, value in kwargs.items() if name != "generator"}
        try:
            with torch._C.DisableTorchFunction():
                result = func(*_to_meta(args), **_to_meta(kwargs))
        except NotImplementedError as error:
            raise RuntimeError(
                f"{_plain_name(func)} needs the values of a tensor: nothing runs on a GPU here"
            ) from error
        return _claim(result, device)

    def make_up(self, what: str, truth: bool) -> bool:
        """True for a while, so that assertions hold and loops end."""
        self._on_value(what)
        self._asked[what] = self._asked.get(what, 0) + 1
        return truth and self._asked[what] <= _MANY


class _Nothing:
    """In place before a file runs and after it: a pretended tensor may be looked at later."""

    @staticmethod
    def call(func: Any, args: Any, kwargs: Any) -> Any:
        return PretendedGpu(lambda what: None).call(func, args, kwargs)


_active: Any = _Nothing()


def activate(gpu: PretendedGpu | None) -> None:
    """Makes `gpu` answer for all pretended tensors."""
    global _active
    _active = gpu or _Nothing()


def is_gpu(device: Any) -> bool:
    """True for "cuda", "cuda:1", a number, and the device objects."""
    if isinstance(device, str):
        return device.startswith("cuda")
    if isinstance(device, torch.device):
        return device.type == "cuda"
    return isinstance(device, int) and not isinstance(device, bool)


# --- functions that differ from what a meta tensor does; found by their name


def _move(gpu: PretendedGpu, func: Any, args: Any, kwargs: Any) -> Any:
    tensor = args[0]
    device, dtype = _wanted_device(func, args, kwargs), None
    if func.__name__ == "to" and not (len(args) > 1 and isinstance(args[1], torch.Tensor)):
        dtype = torch._C._nn._parse_to(*args[1:], **{k: v for k, v in kwargs.items() if k != "copy"})[1]
    elif func.__name__ == "to":
        dtype = args[1].dtype
    device = device or _device(tensor)
    with torch._C.DisableTorchFunction():
        if not tensor.is_meta:
            made = torch.empty_strided(tensor.size(), tensor.stride(), dtype=dtype or tensor.dtype, device="meta")
            made = _claim(made, torch.device(device))
            return made.requires_grad_(tensor.requires_grad and made.dtype.is_floating_point)
        if (dtype is None or dtype == tensor.dtype) and torch.device(device).type == _device(tensor).type:
            return tensor
        return _claim(tensor.as_subclass(torch.Tensor).to(dtype or tensor.dtype, copy=True), torch.device(device))


def _item(gpu: PretendedGpu, func: Any, args: Any, kwargs: Any) -> Any:
    dtype = _dtype(args[0])
    truth = gpu.make_up(f"{func.__name__}()", dtype == torch.bool)
    if func.__name__ == "__bool__" or dtype == torch.bool:
        return truth or gpu.make_up("bool()", True) if func.__name__ == "__bool__" else truth
    is_integer = func.__name__ in ("__int__", "__index__") or not (dtype.is_floating_point or dtype.is_complex)
    return 0.0 if not is_integer or func.__name__ == "__float__" else _TYPICAL_INTEGER


def _to_list(gpu: PretendedGpu, func: Any, args: Any, kwargs: Any) -> Any:
    gpu.make_up(f"{func.__name__}()", True)
    shape = _shape(args[0])
    if shape.numel() > _MOST_VALUES:
        raise RuntimeError(f"tolist() of {shape.numel()} values: nothing runs on a GPU here")
    return torch.zeros(shape, dtype=_dtype(args[0])).tolist()


def _to_numpy(gpu: PretendedGpu, func: Any, args: Any, kwargs: Any) -> Any:
    import numpy

    gpu.make_up("numpy()", True)
    dtype = torch.empty((), dtype=_dtype(args[0])).numpy().dtype
    return numpy.broadcast_to(numpy.zeros((), dtype), tuple(_shape(args[0])))


def _agree(gpu: PretendedGpu, func: Any, args: Any, kwargs: Any) -> Any:
    gpu.make_up(f"{func.__name__}()", True)
    return True


def _in_place_copy(gpu: PretendedGpu, func: Any, args: Any, kwargs: Any) -> Any:
    return args[0]


def _claims_gpu(gpu: PretendedGpu, func: Any, args: Any, kwargs: Any) -> Any:
    return 0 if _device(args[0]).type == "cuda" else -1


def _itself(gpu: PretendedGpu, func: Any, args: Any, kwargs: Any) -> Any:
    return args[0]


def _backward(gpu: PretendedGpu, func: Any, args: Any, kwargs: Any) -> Any:
    """Runs what the user wrote for it, which may make tensors on the GPU again."""
    names = ("tensors", "gradient", "retain_graph", "create_graph", "inputs")
    given = {**dict(zip(names, args, strict=False)), **kwargs}
    ends = _as_tuple(given["tensors"])
    gradients = given.get("gradient", given.get("grad_tensors"))
    with torch._C.DisableTorchFunction():
        starts = _as_tuple(gradients) if gradients is not None else tuple(torch.ones_like(end) for end in ends)
    keep = bool(given.get("retain_graph") or given.get("create_graph"))
    with gpu:
        torch.autograd.Variable._execution_engine.run_backward(
            ends, starts, keep, bool(given.get("create_graph")), _as_tuple(given.get("inputs") or ()), True, True
        )


def _as_tuple(value: Any) -> tuple[Any, ...]:
    return (value,) if isinstance(value, torch.Tensor) else tuple(value)


def _is_of_one_kind(gpu: PretendedGpu, func: Any, args: Any, kwargs: Any) -> bool:
    """Whether a parameter can take over another tensor's data."""
    with torch._C.DisableTorchFunction():
        return len({item.is_meta for item in args}) == 1 and bool(func(*args))


def _own_method(gpu: PretendedGpu, func: Any, args: Any, kwargs: Any) -> Any:
    return getattr(PretendedTensor, func.__name__)(*args, **kwargs)


_SPECIAL: dict[str, Callable[[PretendedGpu, Any, Any, Any], Any]] = {
    **dict.fromkeys(["to", "cuda", "cpu"], _move),
    **dict.fromkeys(["item", "__bool__", "__float__", "__int__", "__index__", "__complex__", "is_nonzero"], _item),
    **dict.fromkeys(["tolist"], _to_list),
    **dict.fromkeys(["numpy", "__array__"], _to_numpy),
    **dict.fromkeys(["allclose", "equal"], _agree),
    "copy_": _in_place_copy,
    "get_device": _claims_gpu,
    "pin_memory": _itself,
    "backward": _backward,
    "_has_compatible_shallow_copy_type": _is_of_one_kind,
    **dict.fromkeys(["data_ptr", "__repr__", "__format__", "__deepcopy__"], _own_method),
}
# Functions that take tensors of several devices.
_MIXING = frozenset(["__getitem__", "__setitem__", "index_put_", "index", "result_type"])

_ATTRIBUTES: dict[str, Callable[[Any], Any]] = {
    "device": lambda tensor: _device(tensor),
    "is_cuda": lambda tensor: _device(tensor).type == "cuda",
    "is_cpu": lambda tensor: _device(tensor).type == "cpu",
    "is_meta": lambda tensor: False,
}


def _attribute(func: Any, args: Any) -> Any:
    tensor = args[0]
    with torch._C.DisableTorchFunction():
        if not tensor.is_meta:
            return func(*args)
        for name, answer in _ATTRIBUTES.items():
            if func == getattr(torch.Tensor, name).__get__:
                return answer(tensor)
        return _claim(func(*args), _device(tensor))


def _wanted_device(func: Any, args: Any, kwargs: Any) -> Any:
    """The device that a move leads to; None if it leads nowhere."""
    name = getattr(func, "__name__", "")
    if name == "cuda":
        return GPU
    if name == "cpu":
        return _CPU
    if name != "to":
        return None
    rest = [*args[1:], *kwargs.values()]
    for item in rest:
        if isinstance(item, torch.Tensor):
            return _device(item)
        if isinstance(item, (str, torch.device)) or (isinstance(item, int) and not isinstance(item, bool)):
            return torch.device("cuda", item) if isinstance(item, int) else torch.device(item)
    return None


def _device(tensor: Any) -> torch.device:
    """Where a tensor is, or claims to be."""
    with torch._C.DisableTorchFunction():
        if not tensor.is_meta:
            return tensor.device
    return getattr(tensor, "pretended_device", GPU)


def _claim(result: Any, device: torch.device) -> Any:
    """Makes the meta tensors of a result pretend."""
    if isinstance(result, torch.Tensor):
        if result.device.type != "meta":
            return result
        if not isinstance(result, PretendedTensor):
            result = result.as_subclass(PretendedTensor)
        if device.type != "cuda":
            result.pretended_device = device
        return result
    if type(result) in (tuple, list):
        return type(result)(_claim(item, device) for item in result)
    if isinstance(result, tuple) and hasattr(result, "_fields"):
        return type(result)(*(_claim(item, device) for item in result))
    if isinstance(result, tuple) and type(result).__module__ == "torch.return_types":
        return type(result)([_claim(item, device) for item in result])
    return result


def _to_meta(value: Any) -> Any:
    """Real tensors beside pretended ones lose their values, too."""
    if _is_real(value):
        return value.to("meta")
    if isinstance(value, (tuple, list)) and type(value) in (tuple, list):
        return type(value)(_to_meta(item) for item in value)
    if type(value) is dict:
        return {name: _to_meta(item) for name, item in value.items()}
    return value


def _is_real(value: Any) -> bool:
    with torch._C.DisableTorchFunction():
        return isinstance(value, torch.Tensor) and not value.is_meta


def any_pretended(args: Any, kwargs: Any) -> bool:
    """Whether an argument, or a part of one, has no values."""
    return next(_pretended(args, kwargs), None) is not None


def _pretended(args: Any, kwargs: Any) -> Iterator[Any]:
    """Any meta tensor counts: autograd hands out plain ones."""
    with torch._C.DisableTorchFunction():
        yield from (item for item in _leaves((args, kwargs)) if isinstance(item, torch.Tensor) and item.is_meta)


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, (tuple, list)):
        for item in value:
            yield from _leaves(item)
    elif type(value) is dict:
        yield from _leaves(list(value.values()))
    else:
        yield value


def _dtype(tensor: Any) -> torch.dtype:
    with torch._C.DisableTorchFunction():
        return tensor.dtype


def _shape(tensor: Any) -> torch.Size:
    with torch._C.DisableTorchFunction():
        return tensor.shape


def _plain_name(func: Any) -> str:
    return str(getattr(func, "__name__", func))


def _makers() -> Any:
    from torch.utils._device import _device_constructors

    return _device_constructors()

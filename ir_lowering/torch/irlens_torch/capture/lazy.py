"""The Lazy Tensor Core graph of a call: the `lazy` stage.

Called in the stage's process: the lazy backend is initialised there and nowhere else. A lazy
tensor notes what would compute it, and that graph is printed. It knows its operations by name
only; so the call is watched as well, and the graph is walked from its results towards its
inputs beside the watched operations, which know their source lines and weights.
"""

from __future__ import annotations

import itertools
import re
import sys
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import torch
import torch._lazy
import torch._lazy.ts_backend
from irlens_worker.artifacts import StageResult
from irlens_worker.frames import code_column, is_own_file
from irlens_worker.protocol import Diagnostic, Frame
from irlens_worker.provider import StageFailed
from torch.utils import _pytree as pytree
from torch.utils._python_dispatch import TorchDispatchMode

from .export import Call, as_module
from .graph_text import Line, document
from .stack_traces import is_known_file

# `  %5 = [Float[8,4]] aten::detach_copy(%4), dim=-1, ROOT=0, NodeType=N5torch4lazy10DetachCopyE`
_NODE = re.compile(r"^  %(\d+) = .*? \w+::(\w+)\(((?:%[\d.]+(?:, )?)*)\)")
_OPERAND = re.compile(r"%(\d+)")
_ROOT = re.compile(r", ROOT=(\d+)")
# The class that implements a node, and the one device that there is.
_NOISE = re.compile(r", (?:NodeType=\w+|device=CPU0)")
# To whoever looks for a line, t_copy and relu_ are the same as t and relu.
_VARIANT = re.compile(r"(?:_copy)?_?$")

_NOBODY = 0


def _split(x: Any, size: int, dim: int = 0) -> list[Any]:
    return _split_with_sizes(x, [min(size, x.shape[dim] - at) for at in range(0, x.shape[dim], size)], dim)


def _split_with_sizes(x: Any, sizes: list[int], dim: int = 0) -> list[Any]:
    ends = list(itertools.accumulate(sizes))
    return [_ATEN.slice_copy.Tensor(x, dim, end - size, end) for size, end in zip(sizes, ends, strict=True)]


def _unbind(x: Any, dim: int = 0) -> list[Any]:
    return [_ATEN.select_copy.int(x, dim, index) for index in range(x.shape[dim])]


_ATEN = torch.ops.aten
# On operations with a list of results the lazy backend breaks down.
_INSTEAD: dict[Any, tuple[Any, str]] = {
    _ATEN.split_copy.Tensor: (_split, "slice"),
    _ATEN.split_with_sizes_copy.default: (_split_with_sizes, "slice"),
    _ATEN.unbind_copy.int: (_unbind, "select"),
}


@dataclass
class _Operation:
    """A watched operation; its inputs are operations, or the identities of tensors that were there before."""

    name: str
    frames: list[Frame]
    inputs: list[_Operation | int]


class _Watch(TorchDispatchMode):
    """Notes each operation with the lines that call it."""

    def __init__(self) -> None:
        super().__init__()
        self._makers: dict[int, _Operation] = {}
        self._alive: list[Any] = []  # identities are unique among living tensors only

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        # Before the call: what works in place gives its own input as its result.
        inputs = [self.maker(tensor) for tensor in _tensors((args, kwargs))]
        function, name = _INSTEAD.get(func, (func, func.overloadpacket.__name__))
        operation = _Operation(name, _live_frames(), inputs)
        result = function(*args, **(kwargs or {}))
        if any(tensor.device.type == "lazy" for tensor in _tensors(args)):
            # What the backend cannot note it computes, on the CPU.
            result = pytree.tree_map_only(torch.Tensor, _to_lazy, result)
        for tensor in _tensors(result):
            self._alive.append(tensor)
            self._makers[_identity(tensor)] = operation
        return result

    def maker(self, tensor: torch.Tensor) -> _Operation | int:
        """The operation that a tensor stems from, else the tensor's identity."""
        return self._makers.get(_identity(tensor), _identity(tensor))


@dataclass
class _Node:
    """A line of the graph."""

    text: str
    name: str
    operands: list[int]
    frames: list[Frame] = field(default_factory=list)
    origin: str = ""


def make_lazy(call: Call) -> StageResult:
    """Runs the call on lazy tensors. Raises what user code raises, and StageFailed."""
    torch._lazy.ts_backend.init()
    model = as_module(call.model).to("lazy")
    args, kwargs = pytree.tree_map_only(torch.Tensor, _to_lazy, (call.args, call.kwargs))
    watch = _Watch()
    # What the model creates on its way belongs to the graph as well.
    with torch.no_grad(), torch.device("lazy"), watch:
        results = [tensor for tensor in _tensors(model(*args, **kwargs)) if tensor.device.type == "lazy"]
    if not results:
        raise StageFailed([Diagnostic("the call gives no lazy tensor", call.frames)])
    nodes = _read(torch._C._lazy._get_tensors_text(results))
    names = {_identity(tensor): name for name, tensor in [*model.named_parameters(), *model.named_buffers()]}
    names |= {_identity(tensor): f"input {index}" for index, tensor in enumerate(_tensors((args, kwargs)))}
    for number, node in nodes.items():
        root = _ROOT.search(node.text)
        if root:
            _walk(nodes, number, watch.maker(results[int(root[1])]), [], names)
    lines = [Line("IR {"), *(_line(node) for node in nodes.values()), Line("}")]
    return document(lines, {"ops": sum(node.name != "device_data" for node in nodes.values())})


def _read(text: str) -> dict[int, _Node]:
    """The nodes of the graph by their numbers, operands before their users."""
    nodes = {}
    for line in text.splitlines():
        match = _NODE.match(line)
        if match:
            operands = [int(operand) for operand in _OPERAND.findall(match[3])]
            nodes[int(match[1])] = _Node(_NOISE.sub("", line), match[2], operands)
    return nodes


def _walk(
    nodes: dict[int, _Node], root: int, maker: _Operation | int, frames: list[Frame], names: dict[int, str]
) -> None:
    """Gives the node and all below it the lines of the operations beside which they stand.

    The backend may take several nodes for an operation, or none: then the operation waits until
    a node of its name comes, and what stands between belongs to whoever uses it.
    """
    work = [(root, maker, frames)]
    seen: set[int] = set()
    while work:
        number, maker, frames = work.pop()
        node = nodes.get(number)
        if node is None or number in seen:
            continue
        seen.add(number)
        if isinstance(maker, int):
            node.origin = names.get(maker, "") if node.name == "device_data" else ""
            node.frames = node.frames or frames
            work += [(operand, maker, frames) for operand in node.operands]
            continue
        if _plain(maker.name) == _plain(node.name):
            node.frames = maker.frames
            # Numbers that became tensors come behind the tensors.
            inputs = [*maker.inputs, *[_NOBODY] * len(node.operands)]
            work += [(operand, inputs[index], maker.frames) for index, operand in enumerate(node.operands)]
            continue
        node.frames = frames or maker.frames
        work += [(operand, maker, node.frames) for operand in node.operands]


def _to_lazy(tensor: torch.Tensor) -> torch.Tensor:
    return tensor if tensor.device.type == "lazy" else tensor.to("lazy")


def _identity(tensor: torch.Tensor) -> int:
    """What stays the same when a tensor is wrapped on its way to the backend."""
    return int(torch._C._lazy._get_tensor_id(tensor)) if tensor.device.type == "lazy" else -id(tensor)


def _plain(name: str) -> str:
    return _VARIANT.sub("", name).lstrip("_")


def _line(node: _Node) -> Line:
    return Line(f"{node.text}  # {node.origin}" if node.origin else node.text, node.frames)


def _tensors(value: Any) -> list[torch.Tensor]:
    return [leaf for leaf in pytree.tree_leaves(value) if isinstance(leaf, torch.Tensor)]


def _live_frames() -> list[Frame]:
    """The user's frames and the layers between them, the innermost first."""
    found: list[Frame] = []
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        code = frame.f_code
        if is_own_file(code.co_filename):
            break
        if is_known_file(code.co_filename):
            found.append((code.co_filename, frame.f_lineno, code_column(code, frame.f_lasti)))
        frame = frame.f_back
    return found

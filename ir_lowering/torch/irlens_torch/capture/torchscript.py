"""TorchScript, by scripting if the model allows it, else by tracing: the `torchscript` stage.

Called in the stage's process. The graph is inlined; each of its lines is linked to the call
chain from the library down to the user's line.
"""

from __future__ import annotations

import contextlib
import inspect
import re
import warnings
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any
from unittest import mock

import torch
from irlens_worker.artifacts import StageResult
from irlens_worker.frames import is_own_file
from irlens_worker.protocol import Frame
from torch.utils import _pytree as pytree

from .export import Call, as_module
from .links import LinkBuilder

# Scripting: `  File "/ws/model.py", line 13`, the code around it, and `~~ <--- HERE` below
# the expression. Tracing: the whole call stack, `/ws/model.py(12): forward` and so on.
_SCRIPT_RANGE = re.compile(r'^  File "(.+)", line (\d+)$', re.MULTILINE)
_SCRIPT_COLUMN = re.compile(r"^( *)~+ <--- HERE", re.MULTILINE)
_TRACE_RANGE = re.compile(r"^(.+)\((\d+)\): ", re.MULTILINE)
# Steps between a call and the forward of a module, which are in every stack.
_MACHINERY = ("torch/nn/modules/module.py", "torch/jit/_trace.py")
# Blocks are printed with ranges even when they are not asked for.
_RANGE_COMMENT = re.compile(r" # \S.*:\d+:\d+$", re.MULTILINE)
_NO_NODE = re.compile(r"\s*(return \(|block\d+\(|-> \()")


def make_torchscript(call: Call) -> StageResult:
    """Prints the inlined graph. Raises what tracing raises when neither way works."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            if inspect.ismethod(call.model):  # would be taken for a function of `self`
                raise ValueError("it is a method of an object")
            compiled: Any = torch.jit.script(call.model)
            graph = compiled.inlined_graph  # a model with overloads of forward has none
            note = ""
        except Exception as error:
            reason = str(error).strip().splitlines()[0:1]
            note = f"traced: scripting failed: {reason[0][:200] if reason else type(error).__name__}"
            forget_classes()
            compiled = _trace(call)
            graph = compiled.inlined_graph
    text, nodes = _print(graph)
    chains = [_frames(node) for _, node in nodes]
    if not note:
        chains = _add_callers(compiled, [node for _, node in nodes], chains)
    links = LinkBuilder()
    for (line, _), frames in zip(nodes, chains, strict=True):
        if frames:
            links.link(line, frames)
    return StageResult(text=text, links=links.to_json(), summary={"ops": len(nodes)}, note=note)


def forget_classes() -> None:
    """Makes the names of classes free again; else the user's become ___torch_mangle_3."""
    torch._C._jit_clear_class_registry()
    torch.jit._state._clear_class_state()
    torch.jit._recursive.concrete_type_store = torch.jit._recursive.ConcreteTypeStore()


def _trace(call: Call) -> Any:
    """Traces the call as it is, else with its inputs and results as flat lists of tensors."""
    options = {"check_trace": False, "strict": False}
    with torch.no_grad(), _plain_control_flow():
        if not call.kwargs:
            with contextlib.suppress(Exception):
                return torch.jit.trace(as_module(call.model), call.args, **options)
        flat = _Flat(call)
        return torch.jit.trace(flat, tuple(flat.tensors), **options)


@contextlib.contextmanager
def _plain_control_flow() -> Iterator[None]:
    """Lets torch.cond and the like run as they are: compiled, as usual, nothing can trace them.

    The trace then has the branch that these inputs take, as that of a plain `if`.
    """
    with (
        mock.patch.object(torch.compiler, "is_dynamo_compiling", lambda: True),
        mock.patch("torch._higher_order_ops.cond.cond_op", _choose),
        mock.patch("torch._higher_order_ops.while_loop.while_loop_op", _repeat),
    ):
        yield


def _choose(predicate: Any, then: Any, otherwise: Any, operands: Any = ()) -> Any:
    return then(*operands) if predicate else otherwise(*operands)


def _repeat(condition: Any, body: Any, carried: Any, more: Any = ()) -> Any:
    while condition(*carried, *more):
        carried = body(*carried, *more)
    return carried


class _Flat(torch.nn.Module):
    """Hides pytrees from the tracer, which knows tensors and little else."""

    def __init__(self, call: Call) -> None:
        super().__init__()
        self.model = as_module(call.model)
        leaves, spec = pytree.tree_flatten((call.args, call.kwargs))
        self.__dict__["leaves"] = leaves
        self.__dict__["spec"] = spec

    @property
    def tensors(self) -> list[torch.Tensor]:
        """The inputs that are tensors; all others are constants of the trace."""
        return [leaf for leaf in self.__dict__["leaves"] if isinstance(leaf, torch.Tensor)]

    def forward(self, *tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
        rest = iter(tensors)
        leaves = [next(rest) if isinstance(leaf, torch.Tensor) else leaf for leaf in self.__dict__["leaves"]]
        args, kwargs = pytree.tree_unflatten(leaves, self.__dict__["spec"])
        results = pytree.tree_leaves(self.model(*args, **kwargs))
        return tuple(result for result in results if isinstance(result, torch.Tensor))


def _print(graph: Any) -> tuple[str, list[tuple[int, Any]]]:
    """The graph's text, and its nodes with the number of the line where each stands."""
    text = _RANGE_COMMENT.sub("", graph.str(False))
    nodes = _preorder(graph)
    found: list[tuple[int, Any]] = []
    in_header = True
    for number, line in enumerate(text.splitlines(), start=1):
        if in_header:
            in_header = not line.rstrip().endswith("):")
        elif not _NO_NODE.match(line) and line.strip():
            node = next(nodes, None)
            if node is None:
                break
            found.append((number, node))
    return text, found


def _preorder(block: Any) -> Iterator[Any]:
    for node in block.nodes():
        yield node
        for inner in node.blocks():
            yield from _preorder(inner)


def _add_callers(scripted: Any, inlined: list[Any], chains: list[list[Frame]]) -> list[list[Frame]]:
    """The call chain of each inlined node, given the source range of each.

    Inlining keeps a node's own source range and forgets who called. So the graph is walked
    before inlining as well, following the calls, and the two sequences are laid side by side.
    """
    try:
        called = list(_follow(scripted.graph, getattr(scripted, "_c", None), []))
    except (RuntimeError, KeyError, AttributeError):  # a call that cannot be followed
        return chains
    result = list(chains)
    kinds = [node.kind() for node in inlined]
    matcher = SequenceMatcher(None, kinds, [kind for kind, _ in called], autojunk=False)
    for start, other, length in matcher.get_matching_blocks():
        for here, (_, chain) in zip(range(start, start + length), called[other : other + length], strict=True):
            if chain[: len(chains[here])] == chains[here]:
                result[here] = chain
    return result


def _follow(block: Any, this: Any, callers: list[Frame]) -> Iterator[tuple[str, list[Frame]]]:
    """The nodes in the order in which inlining puts them, with their call chains."""
    modules: dict[str, Any] = {}
    if hasattr(block, "inputs") and this is not None:
        first = next(iter(block.inputs()), None)
        if first is not None:
            modules[first.debugName()] = this
    yield from _follow_nodes(block, modules, callers)


def _follow_nodes(block: Any, modules: dict[str, Any], callers: list[Frame]) -> Iterator[tuple[str, list[Frame]]]:
    for node in block.nodes():
        kind = node.kind()
        chain = _frames(node) + callers
        if kind == "prim::CallMethod":
            target = modules[node.inputsAt(0).debugName()]
            method = target._get_method(node.s("name"))
            yield from _follow(method.graph, target, chain)
            continue
        if kind == "prim::CallFunction":
            name = node.inputsAt(0).type().annotation_str
            function = torch.jit._state._python_cu.find_function(name)
            yield from _follow(function.graph, None, chain)
            continue
        if kind == "prim::GetAttr":
            owner = modules.get(node.inputsAt(0).debugName())
            if owner is not None:
                value = owner.getattr(node.s("name"))
                if isinstance(value, torch._C.ScriptModule):
                    modules[node.output().debugName()] = value
        yield kind, chain
        for inner in node.blocks():
            yield from _follow_nodes(inner, modules, callers)


def _frames(node: Any) -> list[Frame]:
    """The frames in a node's source range, innermost first, columns counted from 1."""
    text = node.sourceRange()
    scripted = _SCRIPT_RANGE.search(text)
    if scripted:
        here = _SCRIPT_COLUMN.search(text)
        column = len(here.group(1)) + 1 if here else 0
        return [(scripted.group(1), int(scripted.group(2)), column)]
    frames = [(file, int(line), 0) for file, line in _TRACE_RANGE.findall(text)]
    return [frame for frame in frames if not is_own_file(frame[0]) and not frame[0].endswith(_MACHINERY)]

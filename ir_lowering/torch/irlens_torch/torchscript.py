"""TorchScript, by scripting if the model allows it, else by tracing: the `torchscript` stage.

Called in the stage's process. The graph is inlined; each of its lines is linked to the call
chain from the library down to the user's line.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any

import torch
from irlens_worker.artifacts import StageResult
from irlens_worker.frames import is_own_file
from irlens_worker.protocol import Frame

from .export import Call, as_module
from .links import LinkBuilder

# `# /ws/model.py:13:25`, or the call stack of a trace: `# model.py(12): forward`.
_SCRIPT_RANGE = re.compile(r"# (.+):(\d+):(\d+)\s*$", re.MULTILINE)
_TRACE_RANGE = re.compile(r"^(.+)\((\d+)\): ", re.MULTILINE)
_NO_NODE = re.compile(r"\s*(return \(|block\d+\(|-> \()")


def make_torchscript(call: Call) -> StageResult:
    """Prints the inlined graph. Raises what tracing raises when neither way works."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            scripted: Any = torch.jit.script(call.model)
            note = ""
        except Exception as error:
            reason = str(error).strip().splitlines()[0:1]
            note = f"traced: scripting failed: {reason[0][:200] if reason else type(error).__name__}"
            scripted = _trace(call)
    graph = scripted.inlined_graph
    text, nodes = _print(graph)
    chains = _chains(scripted, [node for _, node in nodes])
    links = LinkBuilder()
    for (line, _), frames in zip(nodes, chains):
        if frames:
            links.link(line, frames)
    return StageResult(
        text=text, links=links.to_json(), summary={"ops": len(nodes)}, note=note
    )


def _trace(call: Call) -> Any:
    model = as_module(call.model)
    with torch.no_grad():
        if call.kwargs:
            names = _parameter_names(call)
            inputs = {**dict(zip(names, call.args)), **call.kwargs}
            return torch.jit.trace(
                model, example_kwarg_inputs=inputs, check_trace=False, strict=False
            )
        return torch.jit.trace(model, call.args, check_trace=False, strict=False)


def _parameter_names(call: Call) -> list[str]:
    import inspect

    function = call.model.forward if isinstance(call.model, torch.nn.Module) else call.model
    return list(inspect.signature(function).parameters)


def _print(graph: Any) -> tuple[str, list[tuple[int, Any]]]:
    """The graph's text, and its nodes with the number of the line where each stands."""
    text = graph.str(False)
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


def _chains(scripted: Any, inlined: list[Any]) -> list[list[Frame]]:
    """The call chain of each inlined node.

    Inlining keeps a node's own source range and forgets who called. So the graph is walked
    before inlining as well, following the calls, and the two sequences are laid side by side.
    """
    own = [_frames(node) for node in inlined]
    module = getattr(scripted, "_c", None)
    try:
        called = list(_follow(scripted.graph, module, []))
    except RuntimeError:  # a call that cannot be followed: the own ranges remain
        return own
    kinds = [node.kind() for node in inlined]
    matcher = SequenceMatcher(None, kinds, [kind for kind, _ in called], autojunk=False)
    for start, other, length in matcher.get_matching_blocks():
        for offset in range(length):
            chain = called[other + offset][1]
            if not own[start + offset] or chain[: len(own[start + offset])] == own[start + offset]:
                own[start + offset] = chain
    return own


def _follow(block: Any, this: Any, callers: list[Frame]) -> Iterator[tuple[str, list[Frame]]]:
    """The nodes in the order in which inlining puts them, with their call chains."""
    modules: dict[str, Any] = {}
    if hasattr(block, "inputs") and this is not None:
        first = next(iter(block.inputs()), None)
        if first is not None:
            modules[first.debugName()] = this
    yield from _follow_nodes(block, modules, callers)


def _follow_nodes(
    block: Any, modules: dict[str, Any], callers: list[Frame]
) -> Iterator[tuple[str, list[Frame]]]:
    for node in block.nodes():
        kind = node.kind()
        chain = _frames(node) + callers
        if kind == "prim::CallMethod":
            target = modules[node.inputsAt(0).debugName()]
            method = target._get_method(node.s("name"))
            yield from _follow(method.graph, target, chain)
            continue
        if kind == "prim::CallFunction":
            function = node.inputsAt(0).toIValue()
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
    scripted = _SCRIPT_RANGE.findall(text)
    if scripted:
        return [(file, int(line), int(column) + 1) for file, line, column in scripted[:1]]
    frames = [(file, int(line), 0) for file, line in _TRACE_RANGE.findall(text)]
    return [frame for frame in frames if not is_own_file(frame[0])]

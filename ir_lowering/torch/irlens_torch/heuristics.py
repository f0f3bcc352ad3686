"""Entries of a file that names none: each top-level module with an input at hand.

First the text alone is asked whether there can be such a pair; only then does the file run,
and each module is tried with the tensors, tuples and dicts that stand beside it.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from irlens_worker.protocol import Diagnostic

from .export import Call

_TENSOR_MAKERS = frozenset(
    "randn rand randint ones zeros empty full arange linspace eye tensor as_tensor from_numpy "
    "randn_like rand_like ones_like zeros_like randperm normal logspace".split()
)
_TRAINING = frozenset(["backward", "zero_grad"])


@dataclass
class Candidates:
    """Names of top-level variables that may hold modules and inputs, with their lines."""

    modules: dict[str, int] = field(default_factory=dict)
    inputs: dict[str, int] = field(default_factory=dict)
    reason: str = ""

    def __bool__(self) -> bool:
        return not self.reason


def find_candidates(tree: ast.Module) -> Candidates:
    """Looks at the text; `reason` says why there can be no entry."""
    found = Candidates()
    if not _imports_torch(tree):
        found.reason = "the file has no __explore__ call and no '# irlens:' comment"
        return found
    classes = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    imported = _imported_names(tree)
    for name, value, line in _assignments(tree.body):
        if _is_input(value, found.inputs):
            found.inputs[name] = line
        elif _is_module(value, classes, imported):
            found.modules[name] = line
    if any(isinstance(node, ast.Attribute) and node.attr in _TRAINING for node in ast.walk(tree)):
        found.reason = "it looks like a training script; name a model with '# irlens: Net()(x)'"
    elif not found.modules:
        found.reason = "no model is made at top level; name one with '# irlens: Net()(x)'"
    elif not found.inputs:
        found.reason = "no input tensor at top level; name one with '# irlens: Net()(x)'"
    return found


def match_candidates(
    found: Candidates, namespace: Mapping[str, Any], diagnostics: list[Diagnostic]
) -> Iterator[tuple[Call, int]]:
    """Pairs each module with the first input that it accepts."""
    import torch

    modules = {
        name: value
        for name, value in namespace.items()
        if isinstance(value, torch.nn.Module) and not name.startswith("_")
    }
    inner = {id(child) for module in modules.values() for child in module.modules() if child is not module}
    inputs = [value for name, value in namespace.items() if _looks_like_input(value)]
    seen: set[int] = set()
    for name, module in modules.items():
        if id(module) in inner or id(module) in seen:
            continue
        seen.add(id(module))
        for value in inputs:
            call = _accepts(module, value)
            if call:
                yield call, found.modules.get(name, 0)
                break
        else:
            diagnostics.append(Diagnostic(f"{name}: no tensor of the file fits this model", severity="info"))


def _accepts(module: Any, value: Any) -> Call | None:
    import torch
    from torch._subclasses.fake_tensor import FakeTensorMode

    for args, kwargs in _ways_to_pass(value):
        try:
            # Shapes are enough to see whether an input fits.
            with torch.no_grad(), FakeTensorMode(allow_non_fake_inputs=True):
                module.eval()(*args, **kwargs)
        except Exception:  # does not fit; the next one may
            continue
        return Call(module, args, kwargs)
    return None


def _ways_to_pass(value: Any) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
    if isinstance(value, (tuple, list)):
        yield tuple(value), {}
    elif isinstance(value, dict) and all(isinstance(key, str) for key in value):
        yield (), value
    yield (value,), {}


def _looks_like_input(value: Any) -> bool:
    import torch

    if isinstance(value, torch.Tensor):
        return not isinstance(value, torch.nn.Parameter)
    if isinstance(value, (tuple, list)):
        return bool(value) and all(isinstance(item, torch.Tensor) for item in value)
    if isinstance(value, dict):
        return bool(value) and all(isinstance(item, torch.Tensor) for item in value.values())
    return False


def _imports_torch(tree: ast.Module) -> bool:
    return any(
        (isinstance(node, ast.Import) and any(_is_torch(alias.name) for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and node.module and _is_torch(node.module))
        for node in ast.walk(tree)
    )


def _is_torch(module: str) -> bool:
    return module.split(".")[0].startswith("torch")


def _imported_names(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names.update(alias.asname or alias.name.split(".")[0] for alias in node.names)
    return names


def _assignments(body: list[ast.stmt]) -> Iterator[tuple[str, ast.expr, int]]:
    """Assignments to plain names at top level, also inside if, with and try."""
    for node in body:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    yield target.id, node.value, node.lineno
        elif isinstance(node, ast.AnnAssign):
            if isinstance(node.target, ast.Name) and node.value is not None:
                yield node.target.id, node.value, node.lineno
        elif isinstance(node, (ast.If, ast.With, ast.Try)):
            yield from _assignments(node.body)


def _is_input(value: ast.expr, known: Mapping[str, int]) -> bool:
    if isinstance(value, (ast.Tuple, ast.List)):
        return bool(value.elts) and all(_is_input(item, known) for item in value.elts)
    if isinstance(value, ast.Dict):
        return bool(value.values) and all(_is_input(item, known) for item in value.values)
    if isinstance(value, ast.Name):
        return value.id in known
    if isinstance(value, ast.BinOp):
        return _is_input(value.left, known) or _is_input(value.right, known)
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _TENSOR_MAKERS
        for node in _call_chain(value)
    )


def _is_module(value: ast.expr, classes: set[str], imported: set[str]) -> bool:
    """A call of a class of this file, of `nn.Something`, or of something imported."""
    for node in _call_chain(value):
        if not isinstance(node, ast.Call):
            continue
        function = node.func
        if isinstance(function, ast.Name):
            if function.id in classes:
                return True
            return function.id in imported and not hasattr(builtins, function.id)
        if isinstance(function, ast.Attribute) and isinstance(function.value, (ast.Name, ast.Attribute)):
            root = ast.unparse(function).split(".")
            if root[0] == "nn" or root[:2] == ["torch", "nn"]:
                return function.attr[:1].isupper()
            if root[0] in imported and root[0] not in ("torch", "np", "numpy"):
                return True
    return False


def _call_chain(value: ast.expr) -> Iterator[ast.expr]:
    """`a(b).c().d()` from the outside in: the calls that a value goes through."""
    node: ast.expr | None = value
    while node is not None:
        yield node
        if isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Attribute):
            node = node.value
        else:
            node = None

"""What the text of a file says about models and inputs, before anything runs.

A file that cannot yield an entry is never started. Only code that the file runs by itself
counts: top-level statements, and the functions that these name, as in a main guard.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from irlens_worker.script import Source

_TENSOR_MAKERS = frozenset(
    "randn rand randint ones zeros empty full arange linspace eye tensor as_tensor from_numpy "
    "randn_like rand_like ones_like zeros_like randperm normal logspace".split()
)
_TRAINING = frozenset(["backward", "zero_grad"])
# A training script that uses one of these reaches beyond itself before its first step:
# data is fetched, records are written, processes are started.
_REACHING_OUT = frozenset(
    "wandb mlflow tensorboard tensorboardX comet_ml datasets torchvision.datasets torchaudio.datasets "
    "torch.distributed torch.utils.tensorboard lightning pytorch_lightning accelerate deepspeed ray".split()
)
# Libraries that make no models.
_NO_MODELS = frozenset(sys.stdlib_module_names) | frozenset(
    "numpy pandas scipy sklearn matplotlib seaborn PIL cv2 tqdm rich yaml pytest requests".split()
)
# Stands in a reason until there is a better example.
EXAMPLE = "# irlens: Net()(x)"
_NO_LAYERS = frozenset(["Parameter", "Buffer", "UninitializedParameter"])
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass
class Candidates:
    """Names of top-level variables that may hold modules, with their lines."""

    modules: dict[str, int] = field(default_factory=dict)
    # Class -> a top-level variable that holds an instance of it.
    instances: dict[str, str] = field(default_factory=dict)
    # Why there can be no entry; empty if the file is worth running.
    reason: str = ""

    def __bool__(self) -> bool:
        return not self.reason


def find_candidates(source: Source) -> Candidates:
    """Looks at the text; `reason` says why there can be no entry. Raises SyntaxError or ValueError."""
    found = Candidates()
    tree, imports = source.tree, list(_imports(source.nodes))
    if not any(_root(module).startswith("torch") for _, module, _ in imports):
        found.reason = "the file has no __explore__ call and no '# irlens:' comment"
        return found
    classes = set(module_classes(source.nodes))
    text = _Text(classes, imports)
    inputs: set[str] = set()
    for name, value, line in _assignments(tree.body):
        if text.makes_input(value, inputs):
            inputs.add(name)
        elif text.makes_module(value):
            found.modules[name] = line
            if isinstance(value, ast.Call):
                found.instances.setdefault(_dotted(value.func), name)
    calls = [node for node in _reachable(tree, classes) if isinstance(node, ast.Call)]
    modules = [call for call in calls if text.makes_module(call)]
    called = {call.func.id for call in calls if isinstance(call.func, ast.Name)} & set(found.modules)
    outside = sorted(module for module in _full_names(imports) if module in _REACHING_OUT)
    if outside and _trains(source.nodes):
        found.reason = (
            f"it looks like a training script that reaches out ({', '.join(outside)}); name a model with '{EXAMPLE}'"
        )
    elif not modules:
        found.reason = f"no model is made when the file runs; name one with '{EXAMPLE}'"
    elif not called and not any(text.makes_tensor(call) for call in calls):
        found.reason = f"no input tensor is made when the file runs; name one with '{EXAMPLE}'"
    return found


def module_classes(nodes: Iterable[ast.AST]) -> dict[str, ast.ClassDef]:
    """The classes of a file that derive from nn.Module, as far as the text says."""
    found: dict[str, ast.ClassDef] = {}
    for node in nodes:
        if isinstance(node, ast.ClassDef) and any(_is_module_base(base, found) for base in node.bases):
            found[node.name] = node
    return found


def _is_module_base(base: ast.expr, known: Mapping[str, ast.ClassDef]) -> bool:
    path = _dotted(base)
    if path in known or path.endswith("Module"):
        return True
    return path.startswith(("nn.", "torch.nn.")) and path.rsplit(".", 1)[1][:1].isupper()


class _Text:
    """Tells what an expression of the file makes."""

    def __init__(self, classes: set[str], imports: list[tuple[str, str, str]]) -> None:
        self._classes = classes
        self._tensor_makers = {name for name, module, item in imports if module == "torch" and item in _TENSOR_MAKERS}
        # What stems from elsewhere may be a model unless it is known not to be one.
        self._others = {name for name, module, _ in imports if _root(module) not in _NO_MODELS | {"torch"}}
        self._layers = {name for name, module, item in imports if module == "torch.nn" and item[:1].isupper()}

    def makes_tensor(self, call: ast.Call) -> bool:
        """A call such as torch.randn(...)."""
        function = call.func
        if isinstance(function, ast.Attribute):
            return function.attr in _TENSOR_MAKERS
        return isinstance(function, ast.Name) and function.id in self._tensor_makers

    def makes_input(self, value: ast.expr, known: set[str]) -> bool:
        """A tensor, or a structure of them; `known` are the inputs so far."""
        if isinstance(value, (ast.Tuple, ast.List)):
            return bool(value.elts) and all(self.makes_input(item, known) for item in value.elts)
        if isinstance(value, ast.Dict):
            return bool(value.values) and all(self.makes_input(item, known) for item in value.values)
        if isinstance(value, ast.Name):
            return value.id in known
        if isinstance(value, ast.BinOp):
            return self.makes_input(value.left, known) or self.makes_input(value.right, known)
        return any(isinstance(node, ast.Call) and self.makes_tensor(node) for node in _call_chain(value))

    def makes_module(self, value: ast.expr) -> bool:
        """A call of a class of this file, of `nn.Something`, or of something imported."""
        for node in _call_chain(value):
            if not isinstance(node, ast.Call):
                continue
            path = _dotted(node.func)
            root, _, rest = path.partition(".")
            if not rest and root:
                return root in self._classes or root in self._others or root in self._layers
            if path.startswith(("nn.", "torch.nn.")):
                layer = path.removeprefix("torch.").removeprefix("nn.")
                return layer[:1].isupper() and layer not in _NO_LAYERS
            if root in self._others:
                return True
        return False


def _reachable(tree: ast.Module, models: set[str]) -> Iterator[ast.AST]:
    """The code that runs when the file does: from the top level along the names in it.

    The insides of models are left out: what they make are parts.
    """
    definitions = {node.name: node for node in tree.body if isinstance(node, Definition) and node.name not in models}
    pending: list[ast.stmt] = [node for node in tree.body if not isinstance(node, Definition)]
    reached: set[str] = set()
    while pending:
        for node in ast.walk(pending.pop()):
            yield node
            if isinstance(node, ast.Name) and node.id in definitions and node.id not in reached:
                reached.add(node.id)
                pending += definitions[node.id].body


def _trains(nodes: Iterable[ast.AST]) -> bool:
    return any(isinstance(node, ast.Attribute) and node.attr in _TRAINING for node in nodes)


def _imports(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, str, str]]:
    """Each imported name with its module and, after `from`, the name in there."""
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.asname or _root(alias.name), alias.name, ""
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                # A relative import never names a library.
                yield alias.asname or alias.name, "." * node.level + (node.module or ""), alias.name


def _full_names(imports: Iterable[tuple[str, str, str]]) -> set[str]:
    """All that may be a module: `from torch import distributed` names torch.distributed."""
    names: set[str] = set()
    for _, module, item in imports:
        names |= {module, _root(module), f"{module}.{item}"}
    return names


def _root(module: str) -> str:
    return module.split(".")[0] or module


def _dotted(node: ast.expr) -> str:
    """`nn.Linear` for the expression that is written so, else nothing."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        owner = _dotted(node.value)
        return f"{owner}.{node.attr}" if owner else ""
    return ""


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

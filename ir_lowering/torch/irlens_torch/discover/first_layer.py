"""Finds in the text of a model class the layer that an input goes into first.

`self.conv1(x)` in forward and `self.conv1 = nn.Conv2d(3, 16, 5)` in the constructor say that
x has 3 channels. Nothing is executed. Called by suggest.py.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any

from .example_values import LAYERS, Layer, evaluate

Function = ast.FunctionDef | ast.AsyncFunctionDef
_DEEPEST = 8
_IMAGE_SIZE = re.compile(r"^(self\.)?(img|image|input)_?(size|res|resolution|dim)$|^resolution$")


def find_method(node: ast.ClassDef, name: str, classes: Mapping[str, ast.ClassDef]) -> Function | None:
    """A method of a class, or of a base class that stands in the same file."""
    for statement in node.body:
        if isinstance(statement, Function) and statement.name == name:
            return statement
    for base in node.bases:
        parent = classes.get(base.id) if isinstance(base, ast.Name) else None
        if parent is not None and parent is not node:
            found = find_method(parent, name, classes)
            if found is not None:
                return found
    return None


class ClassText:
    """One model class, read with the values that its constructor is given."""

    def __init__(
        self, node: ast.ClassDef, classes: Mapping[str, ast.ClassDef], arguments: Mapping[str, Any], depth: int = 0
    ) -> None:
        self._node = node
        self._classes = classes
        self._depth = depth
        self._known = dict(arguments)
        self._parts: dict[str, ast.expr] = {}
        constructor = find_method(node, "__init__", classes)
        for statement in ast.walk(constructor) if constructor else ():
            if isinstance(statement, ast.Assign):
                for target in statement.targets:
                    self._assign(target, statement.value)
            elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
                self._assign(statement.target, statement.value)

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        name = ast.unparse(target)
        self._parts[name] = value
        try:
            self._known[name] = evaluate(value, self._known)
        except (ValueError, TypeError):
            self._known.pop(name, None)

    def attribute_of(self, parameter: str) -> str | None:
        """The name of the part of the model that gets this parameter of forward first."""
        return self._first_part("forward", parameter, self._depth)

    def layer_of(self, parameter: str) -> tuple[Layer, Any] | None:
        """The first layer that gets this parameter of forward, and its number."""
        attribute = self.attribute_of(parameter)
        part = self._part(attribute) if attribute else None
        return self._layer(part, self._depth) if part is not None else None

    @property
    def image_side(self) -> int | None:
        """The size of its images, when the constructor has a parameter for it."""
        sizes = (value for name, value in self._known.items() if _IMAGE_SIZE.search(name.lower()))
        return next((size for size in sizes if isinstance(size, int) and size > 1), None)

    def _part(self, path: str) -> ast.expr | None:
        """What is assigned to `self.a`, or stands under "b" in the nn.ModuleDict `self.a`."""
        if f"self.{path}" in self._parts:
            return self._parts[f"self.{path}"]
        owner, _, name = path.rpartition(".")
        value = self._part(owner) if owner else None
        return _entries(value).get(name) if isinstance(value, ast.Call) else None

    def _first_part(self, method: str, parameter: str, depth: int) -> str | None:
        function = find_method(self._node, method, self._classes)
        if function is None or depth > _DEEPEST:
            return None
        carriers = {parameter}
        loops: dict[str, str] = {}  # `for layer in self.layers`
        for node in _in_order(function.body):
            if isinstance(node, ast.For) and isinstance(node.target, ast.Name):
                loops[node.target.id] = _own(node.iter)
            elif isinstance(node, ast.Assign) and _mentions(node.value, carriers):
                parts = (part for target in node.targets for part in ast.walk(target))
                carriers |= {part.id for part in parts if isinstance(part, ast.Name)}
            elif isinstance(node, ast.Call):
                position = next((i for i, arg in enumerate(node.args) if _mentions(arg, carriers)), None)
                if position is None:
                    continue
                name = _own(node.func) or (loops.get(node.func.id, "") if isinstance(node.func, ast.Name) else "")
                helper = find_method(self._node, name, self._classes) if name else None
                if helper is not None:
                    names = [argument.arg for argument in helper.args.args[1:]]
                    found = self._first_part(name, names[position], depth + 1) if position < len(names) else None
                    if found:
                        return found
                elif name:
                    return name
        return None

    def _layer(self, value: ast.expr, depth: int) -> tuple[Layer, Any] | None:
        """The first layer in an expression such as nn.Sequential(nn.Flatten(), nn.Linear(3, 2))."""
        if depth > _DEEPEST or not isinstance(value, ast.Call):
            return None
        name = ast.unparse(value.func).rsplit(".", 1)[-1]
        if name in LAYERS:
            return LAYERS[name], self._number(value, LAYERS[name])
        if name in self._classes:
            return self._layer_of_class(value, self._classes[name], depth)
        for argument in value.args:
            for item in _items(argument):
                if isinstance(item, (ast.Name, ast.Attribute)):
                    item = self._parts.get(ast.unparse(item), item)
                found = self._layer(item, depth + 1)
                if found:
                    return found
        return None

    def _layer_of_class(self, call: ast.Call, node: ast.ClassDef, depth: int) -> tuple[Layer, Any] | None:
        constructor, forward = (find_method(node, name, self._classes) for name in ("__init__", "forward"))
        if forward is None or len(forward.args.args) < 2:
            return None
        names = [argument.arg for argument in constructor.args.args[1:]] if constructor else []
        given: dict[str, Any] = defaults(constructor) if constructor else {}
        pairs = [*zip(names, call.args, strict=False), *((word.arg or "", word.value) for word in call.keywords)]
        for name, value in pairs:
            try:
                given[name] = evaluate(value, self._known)
            except (ValueError, TypeError):
                given.pop(name, None)
        inner = ClassText(node, self._classes, given, depth + 1)
        return inner.layer_of(forward.args.args[1].arg)

    def _number(self, call: ast.Call, layer: Layer) -> Any:
        named = next((word.value for word in call.keywords if word.arg == layer.attribute), None)
        value = named or (call.args[layer.position] if layer.position < len(call.args) else None)
        try:
            return evaluate(value, self._known) if value is not None else None
        except (ValueError, TypeError):
            return None


def defaults(function: Function) -> dict[str, Any]:
    """The default values of a function's parameters, as far as they are constants."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    pairs = [*zip(reversed(positional), reversed(arguments.defaults), strict=False)]
    pairs += [(name, value) for name, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if value]
    found = {}
    for argument, value in pairs:
        try:
            found[argument.arg] = evaluate(value, {})
        except (ValueError, TypeError):
            continue
    return found


def _in_order(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """The nodes in the order in which they are executed: arguments before their call."""
    for statement in body:
        if isinstance(statement, ast.For):
            yield statement
        yield from _inside_out(statement)


def _inside_out(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.For):
            yield child
        yield from _inside_out(child)
    yield node


def _items(value: ast.expr) -> list[ast.expr]:
    """The elements of a list, a starred list or a list comprehension, else the value itself."""
    if isinstance(value, ast.Starred):
        return _items(value.value)
    if isinstance(value, (ast.List, ast.Tuple)):
        return list(value.elts)
    if isinstance(value, (ast.ListComp, ast.GeneratorExp)):
        return [value.elt]
    return [value]


def _entries(call: ast.Call) -> dict[str, ast.expr]:
    """The values in nn.ModuleDict({"a": b}), nn.ModuleDict(dict(a=b)) and the like."""
    found = {word.arg: word.value for word in call.keywords if word.arg}
    for argument in call.args:
        if isinstance(argument, ast.Dict):
            pairs = zip(argument.keys, argument.values, strict=True)
            found.update({str(key.value): value for key, value in pairs if isinstance(key, ast.Constant)})
        elif isinstance(argument, ast.Call):
            found.update(_entries(argument))
    return found


def _own(node: ast.expr) -> str:
    """`a.b` for `self.a.b`, `self.a.b[0]` and `self.a["b"]`, else nothing."""
    if isinstance(node, ast.Subscript):
        owner = _own(node.value)
        key = node.slice.value if isinstance(node.slice, ast.Constant) else None
        return f"{owner}.{key}" if owner and isinstance(key, str) else owner
    if not isinstance(node, ast.Attribute):
        return ""
    if isinstance(node.value, ast.Name) and node.value.id == "self":
        return node.attr
    owner = _own(node.value)
    return f"{owner}.{node.attr}" if owner else ""


def _mentions(node: ast.expr, names: set[str]) -> bool:
    return any(isinstance(part, ast.Name) and part.id in names for part in ast.walk(node))

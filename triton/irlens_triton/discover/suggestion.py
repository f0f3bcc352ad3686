"""The comment that would show a kernel that nobody launches.

The types are guesses: a parameter that addresses begin with is a pointer, a constexpr is a
block size, anything else an integer.
"""

from __future__ import annotations

import ast
from typing import Any

_ACCESSES = ("load", "store", "make_block_ptr", "make_tensor_descriptor", "load_tensor_descriptor")


def suggest(function: Any) -> str:
    """`# irlens: kernel(*fp32, *fp32, i32, BLOCK=64)`."""
    pointers = _pointers(function.parse())
    words = []
    for parameter in function.params:
        name = parameter.name
        if parameter.is_constexpr:
            default = parameter.default if parameter.has_default else 64
            words.append(f"{name}={default!r}" if isinstance(default, (int, float)) else f"{name}=64")
        elif parameter.annotation_type:
            words.append(parameter.annotation_type)
        else:
            words.append("*fp32" if name in pointers or "ptr" in name.lower() else "i32")
    return f"# irlens: {function.__name__}({', '.join(words)})"


def _pointers(tree: ast.AST) -> set[str]:
    """Names that the addresses of loads and stores begin with, also by way of variables."""
    begins: dict[str, set[str]] = {}
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            begins.setdefault(node.targets[0].id, set()).add(_first_name(node.value))
        elif isinstance(node, ast.Call) and node.args and _is_access(node.func):
            found.add(_first_name(node.args[0]))
    reached: set[str] = set()
    while found - reached:
        name = (found - reached).pop()
        reached.add(name)
        found |= begins.get(name, set())
    return reached


def _is_access(called: ast.expr) -> bool:
    return isinstance(called, ast.Attribute) and (called.attr in _ACCESSES or called.attr.startswith("atomic_"))


def _first_name(node: ast.expr) -> str:
    while isinstance(node, (ast.BinOp, ast.Subscript, ast.Attribute)):
        node = node.left if isinstance(node, ast.BinOp) else node.value
    return node.id if isinstance(node, ast.Name) else ""

"""Names of entries: the kernel's, and for further launches of it only what differs.

add_kernel, add_kernel.fp16, softmax.BLOCK-512: a person sees the difference, and the names
stay the same from save to save.
"""

from __future__ import annotations

import re
from typing import Any

from .kernels import Kernel, Specialization, Variant, constant_text

_LONGEST = 80
_MOST_WORDS = 4


def name_kernels(kernels: list[Kernel]) -> None:
    """Gives each kernel its name, unique in the file."""
    first: dict[int, Kernel] = {}
    taken: set[str] = set()
    for kernel in kernels:
        known = first.setdefault(id(kernel.function), kernel)
        words = [] if known is kernel else differences(known, kernel)
        name = _safe(".".join([kernel.function_name, *words[:_MOST_WORDS]]))
        kernel.name = name
        number = 1
        while kernel.name in taken:
            number += 1
            kernel.name = f"{name}-{number}"
        taken.add(kernel.name)


def configuration_name(kernel: Kernel, number: int) -> str:
    """Of the entry that is one configuration of an autotuned kernel; counted from 1."""
    return f"{kernel.name}.c{number}"


def differences(known: Kernel, other: Kernel) -> list[str]:
    """What sets a launch apart from another one of the same kernel."""
    left, right = known.variant, other.variant
    words: dict[str, None] = {}
    for index, parameter in enumerate(other.function.params):
        word = _difference(left.types, right.types, index, parameter.name)
        if word:
            words[word] = None
    unaligned = [word for word in words if word.endswith("-unaligned")]
    if len(unaligned) > 1:
        # Most often a whole tensor was cut in the middle.
        words = {word: None for word in words if word not in unaligned} | {"unaligned": None}
    for name, value in right.options.items():
        if left.options.get(name) != value and not other.tuned:
            words[f"{name}-{value}"] = None
    return list(words)


def signature_text(variant: Variant, function: Any) -> str:
    """`*fp32, *fp32, i32, BLOCK=1024`."""
    types = variant.types
    parts = []
    for index, parameter in enumerate(function.params):
        kind = types.signature.get(parameter.name)
        if kind == "constexpr":
            parts.append(f"{parameter.name}={constant_text(types.constants.get((index,)))}")
        else:
            aligned = any(hint[0] == "tt.divisibility" for hint in types.attributes.get((index,), []))
            text = _type_text(kind)
            unusual = aligned != text.startswith("*")
            parts.append(text + ({True: ":16", False: ":1"}[aligned] if unusual and _is_scalar(text) else ""))
    return ", ".join(parts)


def _is_scalar(text: str) -> bool:
    return re.fullmatch(r"\*?k?[iu]\d+|\*.*", text) is not None and text not in ("i1", "u1")


def _difference(left: Specialization, right: Specialization, index: int, name: str) -> str:
    kind, other = left.signature.get(name), right.signature.get(name)
    path = (index,)
    if other == "constexpr":
        value = constant_text(right.constants.get(path))
        same = kind == "constexpr" and constant_text(left.constants.get(path)) == value
        return "" if same else f"{name}-{value}"
    if kind != other:
        return _type_text(other).lstrip("*")
    hints = {item[0] for item in right.attributes.get(path, [])}
    before = {item[0] for item in left.attributes.get(path, [])}
    if "tt.divisibility" in before - hints:
        return f"{name}-unaligned"
    return f"{name}-aligned" if "tt.divisibility" in hints - before else ""


def _type_text(kind: Any) -> str:
    if isinstance(kind, tuple):
        return "(" + ", ".join(_type_text(item) for item in kind) + ")"
    return str(kind)


def _safe(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "_", text)[:_LONGEST].strip("._-") or "kernel"

"""`# irlens:` comments that name a kernel and the types of its arguments.

# irlens: add_kernel(*fp16, *fp16, *fp16, i32, BLOCK=1024) target=sm_90,gfx942 num_warps=8

A type is Triton's: *fp16, i32, fp32, tensordesc<fp16[64, 64]>. `i32:16` is divisible by 16;
pointers are, unless `*fp16:1` says otherwise. A number is that value, as in a launch.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from irlens_worker.protocol import Diagnostic
from irlens_worker.script import Source

from ..kernels import Specialization, Variant

_COMMENT = re.compile(r"#\s*irlens:\s*(.*?)\s*$")
_KERNEL = re.compile(r"([A-Za-z_][\w.]*)\s*\(")
_OPTION = re.compile(r"([A-Za-z_]\w*)=(\S+)")
_TYPE = re.compile(r"(\*?k?(?:i1|u1|[iu](?:8|16|32|64)|fp?(?:16|32|64)|bf16|fp8e\w+|tensordesc<.*>))(?::(16|1))?")
_SPELLINGS = {"f16": "fp16", "f32": "fp32", "f64": "fp64", "u1": "i1"}
_ALIGNED = [["tt.divisibility", 16]]


@dataclass
class KernelComment:
    """A comment that describes an entry; line and column are those of the kernel's name."""

    line: int
    column: int
    kernel: str
    positional: list[str] = field(default_factory=list)
    named: dict[str, str] = field(default_factory=dict)
    targets: list[str] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)


def find_comments(
    source: Source, kernels: set[str], claimed: Set[int]
) -> tuple[list[KernelComment], set[int], list[Diagnostic]]:
    """The comments that name one of these kernels, their lines, and what is wrong with them."""
    found: list[KernelComment] = []
    lines: set[int] = set()
    diagnostics: list[Diagnostic] = []
    for text, line, column in _texts(source):
        match = _KERNEL.match(text)
        if not match or match[1] not in kernels or line in claimed:
            continue
        lines.add(line)
        try:
            found.append(_parse(text, line, column))
        except ValueError as error:
            diagnostics.append(Diagnostic(f"irlens comment: {error}", [(source.path, line, column)]))
    return found, lines, diagnostics


def bind_comment(comment: KernelComment, function: Any, namespace: Mapping[str, Any]) -> Variant:
    """What the comment's kernel compiles. Raises ValueError with what is missing or too much."""
    given = dict(comment.named)
    names = [parameter.name for parameter in function.params]
    if len(comment.positional) > len(names):
        raise ValueError(f"{comment.kernel} takes {len(names)} arguments, not {len(comment.positional)}")
    for name, value in zip(names, comment.positional, strict=False):
        if name in given:
            raise ValueError(f"{name} is given twice")
        given[name] = value
    unknown = [name for name in given if name not in names]
    options = {name: _value(given.pop(name), namespace) for name in unknown}
    signature: dict[str, Any] = {}
    constants: dict[tuple[int, ...], Any] = {}
    hints: dict[tuple[int, ...], list[list[Any]]] = {}
    missing = []
    for index, parameter in enumerate(function.params):
        if parameter.name in given:
            kind, constant, hint = _argument(given[parameter.name], parameter, namespace)
        elif parameter.has_default:
            kind, constant, hint = _constant(parameter.default, parameter)
        else:
            missing.append(parameter.name)
            continue
        signature[parameter.name] = kind
        if kind == "constexpr":
            constants[(index,)] = constant
        if hint:
            hints[(index,)] = hint
    if missing:
        raise ValueError(f"{comment.kernel} needs {', '.join(missing)} as well")
    plain = Specialization(signature, constants, hints)
    # What lies within 2 GB, as most tensors do, is addressed differently on AMD.
    amd = dict(hints)
    for index, kind in enumerate(signature.values()):
        if str(kind).startswith("*"):
            amd[(index,)] = [*hints.get((index,), []), ["tt.pointer_range", 32]]
    return Variant(
        {"cuda": plain, "hip": Specialization(signature, constants, amd)},
        {**comment.options, **options},
    )


def _texts(source: Source) -> Iterator[tuple[str, int, int]]:
    for token in source.comments:
        match = _COMMENT.match(token.string)
        if match and match[1]:
            line, start = token.start
            yield match[1], line, len(token.line[:start].encode()) + match.start(1) + 1


def _parse(text: str, line: int, column: int) -> KernelComment:
    name, _, rest = text.partition("(")
    inside, after = _split_call(rest)
    comment = KernelComment(line, column, name.strip())
    for argument in inside:
        keyword = re.match(r"([A-Za-z_]\w*)\s*=(?!=)\s*(.+)$", argument)
        if keyword:
            comment.named[keyword[1]] = keyword[2]
        elif comment.named:
            raise ValueError("an argument without a name follows one with a name")
        else:
            comment.positional.append(argument)
    for word in after.split():
        option = _OPTION.fullmatch(word)
        if not option:
            raise ValueError(f"expected options such as num_warps=8 after the call, not {word!r}")
        if option[1] == "target":
            comment.targets = option[2].split(",")
        else:
            comment.options[option[1]] = _value(option[2], {})
    return comment


def _split_call(text: str) -> tuple[list[str], str]:
    """The arguments up to the parenthesis that closes the call, and what follows it."""
    arguments, start, depth = [], 0, 0
    for index, char in enumerate(text):
        if char in "([{<":
            depth += 1
        elif char == ")" and depth == 0:
            arguments.append(text[start:index].strip())
            return [item for item in arguments if item], text[index + 1 :]
        elif char in ")]}>":
            depth -= 1
        elif char == "," and depth == 0:
            arguments.append(text[start:index].strip())
            start = index + 1
    raise ValueError("the call is not closed")


def _argument(text: str, parameter: Any, namespace: Mapping[str, Any]) -> tuple[Any, Any, list[list[Any]] | None]:
    match = None if parameter.is_constexpr else _TYPE.fullmatch(text.replace(" ", ""))
    if not match:
        return _constant(_value(text, namespace), parameter)
    kind = match[1]
    base = kind.lstrip("*")
    kind = kind[: len(kind) - len(base)] + _SPELLINGS.get(base, base)
    is_aligned = match[2] == "16" or (match[2] is None and kind.startswith("*"))
    return kind, None, [list(item) for item in _ALIGNED] if is_aligned else None


def _constant(value: Any, parameter: Any) -> tuple[Any, Any, list[list[Any]] | None]:
    """How Triton specializes a value."""
    if parameter.is_constexpr or value is None or value == 1:
        return "constexpr", value, None
    if isinstance(value, bool):
        return "i1", None, None
    if isinstance(value, float):
        return "fp32", None, None
    if isinstance(value, int):
        kind = "i32" if -(2**31) <= value < 2**31 else "i64"
        return kind, None, [list(item) for item in _ALIGNED] if value % 16 == 0 else None
    raise ValueError(f"{parameter.name}: {value!r} is neither a type nor a number")


def _value(text: str, namespace: Mapping[str, Any]) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        pass
    try:
        return eval(text, dict(namespace))
    except Exception as error:
        raise ValueError(f"cannot understand {text!r}: {error}") from error

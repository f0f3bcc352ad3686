"""Understands the arguments of an `...-opt` tool, for tools that this worker stands in for.

Pure: text in, values out. What the passes are called and what they take, the providers know.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from .did_you_mean import did_you_mean

# Switches of MLIR's tools that can be had without the tool.
_SWITCHES = (
    "allow-unregistered-dialect",
    "mlir-disable-threading",
    "mlir-print-debuginfo",
    "mlir-print-ir-after-all",
    "mlir-print-ir-after-change",
    "mlir-print-ir-before-all",
    "mlir-print-op-generic",
    "verify-each",
)
_PIPELINE = "pass-pipeline"
_NAMES = (*_SWITCHES, _PIPELINE, "o")
_FLAG = re.compile(r"--?([A-Za-z][\w.-]*)(?:=(.*)|(\{.*\}))?$", re.DOTALL)


class BadArguments(Exception):
    """The arguments cannot be understood; the message names the one."""


@dataclass(frozen=True)
class PassCall:
    """A pass in the order of the command line, and its options as MLIR writes them between braces."""

    name: str
    options: str = ""

    def option_values(self) -> dict[str, str]:
        """The options by name; one without a value is `true`."""
        return dict(_split_option(word) for word in _words(self.options))


@dataclass
class ToolArguments:
    """What a command line asks for: passes one by one, or a pipeline."""

    passes: list[PassCall] = field(default_factory=list)
    pipeline: str = ""
    # `no-NAME` for NAME=false.
    switches: set[str] = field(default_factory=set)


def parse_arguments(tool: str, args: Sequence[str]) -> ToolArguments:
    """Raises BadArguments. A flag that is no switch is taken for a pass."""
    found = ToolArguments()
    rest = iter(args)
    for arg in rest:
        if arg == "-":
            continue  # the standard input, which is what it reads anyway
        match = _FLAG.match(arg)
        if not match:
            raise BadArguments(f"{tool}: {arg!r} is no flag; the text of the stage before is what it reads")
        name, value = match[1], match[2] if match[2] is not None else match[3]
        if name == "o":
            _check_output(tool, next(rest, "") if value is None else value)
        elif name == _PIPELINE:
            found.pipeline = next(rest, "") if value is None else value
        elif name in _SWITCHES:
            found.switches.add(name if value in (None, "1", "true") else f"no-{name}")
        else:
            found.passes.append(PassCall(name, _without_braces(value or "")))
    if found.pipeline and found.passes:
        raise BadArguments(f"{tool}: --{_PIPELINE} and --{found.passes[0].name}: take one of the two, as {tool} does")
    return found


def unknown_flag(tool: str, name: str, passes: Iterable[str]) -> str:
    """What to say about a flag that is no pass of the tool."""
    return f"{tool}: no pass and no option {name!r}{did_you_mean(name, [*passes, *_NAMES])}"


def split_pipeline(pipeline: str) -> list[PassCall]:
    """The passes of a pipeline in order, whatever they are nested in. Raises BadArguments."""
    calls: list[PassCall] = []
    if pipeline.count("(") != pipeline.count(")") or pipeline.count("{") != pipeline.count("}"):
        raise BadArguments(f"brackets do not match in {pipeline!r}")
    for name, options, inner in _elements(pipeline):
        if inner is None:
            calls.append(PassCall(name, options))
        else:
            calls.extend(split_pipeline(inner))
    return calls


def _elements(text: str) -> Iterator[tuple[str, str, str | None]]:
    """The elements between the commas: name, options, and what is nested in it."""
    for part in _split(text, ","):
        match = re.fullmatch(r"\s*([\w.-]+)\s*(?:\{(.*)\}|\((.*)\))?\s*", part, re.DOTALL)
        if match:
            yield match[1], match[2] or "", match[3]
        elif part.strip():
            raise BadArguments(f"{part.strip()!r} is no pass")


def _words(options: str) -> Iterator[str]:
    return (word for word in _split(options, " ") if word)


def _split(text: str, separator: str) -> Iterator[str]:
    """Splits outside of brackets."""
    depth, begin = 0, 0
    for at, character in enumerate(text):
        depth += (character in "({") - (character in ")}")
        if character == separator and depth == 0:
            yield text[begin:at]
            begin = at + 1
    yield text[begin:]


def _split_option(word: str) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    return name, value if equals else "true"


def _without_braces(text: str) -> str:
    return text[1:-1] if text.startswith("{") and text.endswith("}") else text


def _check_output(tool: str, path: str) -> None:
    if path != "-":
        raise BadArguments(f"{tool}: -o {path}: the result is the next stage; leave -o out")

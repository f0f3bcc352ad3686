"""What a kernel is compiled from: a function, argument types, constants and options.

Made by discovery for each launch, read by the compiler. The types depend on the family of
the GPU: only AMD's backend asks whether a pointer reaches beyond 2 GB.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from irlens_worker.protocol import Frame

Path = tuple[int, ...]


@dataclass(frozen=True)
class Specialization:
    """What Triton's front end starts from, for one family of GPUs."""

    signature: dict[str, Any]
    constants: dict[Path, Any]
    attributes: dict[Path, list[list[Any]]]

    def key(self) -> str:
        """Equal for launches that compile to the same code."""
        constants = {path: _constant_key(value) for path, value in self.constants.items()}
        return f"{self.signature}{constants}{self.attributes}"


@dataclass(frozen=True)
class Variant:
    """One way to compile a kernel: a launch, or one configuration of an autotuned one."""

    # By backend: "cuda" and "hip".
    specializations: dict[str, Specialization]
    options: dict[str, Any]
    # For autotuned kernels: what the configuration sets, as text.
    label: str = ""

    def key(self) -> str:
        found = [f"{backend}{item.key()}" for backend, item in sorted(self.specializations.items())]
        return f"{''.join(found)}{sorted(self.options.items(), key=str)}"

    @property
    def types(self) -> Specialization:
        """Any family's: they differ only in hints."""
        return next(iter(self.specializations.values()))


@dataclass
class Kernel:
    """An entry: `configurations` has at least one element, the one that its stages show."""

    function: Any
    configurations: list[Variant]
    # The launch, the innermost frame in the user's files first.
    frames: list[Frame] = field(default_factory=list)
    name: str = ""
    # Configurations that Triton would try before it prunes.
    tuned: bool = False

    @property
    def variant(self) -> Variant:
        return self.configurations[0]

    @property
    def function_name(self) -> str:
        return str(self.function.__name__)

    @property
    def file(self) -> str:
        return str(self.function.fn.__code__.co_filename)

    @property
    def line(self) -> int:
        """Line of the `def`."""
        return definition_line(self.function)

    def key(self) -> str:
        return f"{id(self.function)}{''.join(item.key() for item in self.configurations)}"


def definition_line(function: Any) -> int:
    """Line of a jitted function's `def`, below its decorators."""
    line = int(function.starting_line_number)
    for offset, text in enumerate(function.raw_src):
        if text.lstrip().startswith("def "):
            return line + offset
    return line


def constant_text(value: Any) -> str:
    """A constant as people write it: `fp16`, `64`, the name of a function."""
    value = getattr(value, "value", value) if type(value).__name__ == "constexpr" else value
    name = getattr(value, "__name__", None) or (getattr(value, "name", None) if _is_dtype(value) else None)
    return str(name or value)


def _is_dtype(value: Any) -> bool:
    return type(value).__name__ in ("dtype", "pointer_type", "block_type")


def _constant_key(value: Any) -> str:
    return str(getattr(value, "cache_key", None) or f"{type(value).__name__}:{constant_text(value)}")

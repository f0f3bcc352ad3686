"""The stages that start from an entry, as a table: what makes each, and what several share.

Called by the provider in a stage's process. A module is imported when its first stage is made:
what only some stages need (Inductor, the lazy backend) costs the others nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from irlens_worker.artifacts import StageResult


@dataclass(frozen=True)
class _Function:
    """A function of irlens_torch that is imported when it is called."""

    module: str
    name: str
    first: tuple[Any, ...] = ()

    def __call__(self, *arguments: Any) -> Any:
        function: Callable[..., Any] = getattr(import_module(f"irlens_torch.{self.module}"), self.name)
        return function(*self.first, *arguments)


@dataclass(frozen=True)
class _Capture:
    """A stage made of work that others share."""

    work: str
    make: Callable[[Any], StageResult]


# Work that several stages start from: done once, in a process that forks theirs.
PREPARATIONS: dict[str, Callable[[Any], Any]] = {
    "export": _Function("capture.export", "export_entry"),
    "compile": _Function("dynamo.graphs", "capture_graphs"),
    "aot": _Function("dynamo.aot", "capture_aot"),
    "generate": _Function("dynamo.inductor", "capture_inductor"),
}

FROM_WORK: dict[str, _Capture] = {
    "fx": _Capture("export", _Function("capture.fx", "make_fx")),
    "dynamo": _Capture("compile", _Function("dynamo.graphs", "make_dynamo")),
    "dynamo-guards": _Capture("compile", _Function("dynamo.guards", "make_guards")),
    "aot-joint": _Capture("aot", _Function("dynamo.aot", "make_aot", ("joint",))),
    "aot-forward": _Capture("aot", _Function("dynamo.aot", "make_aot", ("forward",))),
    "aot-backward": _Capture("aot", _Function("dynamo.aot", "make_aot", ("backward",))),
    "inductor": _Capture("generate", _Function("dynamo.inductor", "make_inductor")),
}

# Stages that are made of the call itself.
FROM_CALL: dict[str, Callable[[Any], StageResult]] = {
    "torchscript": _Function("capture.torchscript", "make_torchscript"),
    "lazy": _Function("capture.lazy", "make_lazy"),
}


def shared_work(capture: str | None) -> str | None:
    """The name of the work that a capture starts from, if there is any."""
    if capture in ("torch", "reference"):  # goes on in lower/pipelines.py, check/reference.py
        return "export"
    return FROM_WORK[capture].work if capture in FROM_WORK else None

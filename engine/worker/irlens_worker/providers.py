"""Finds the libraries that the worker serves, and makes one provider of them.

`load_provider` is called once, before the first fork; what it returns, wherever a job or a
stage asks for its provider.
"""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from .artifacts import StageResult
from .protocol import Diagnostic, Json, Row
from .provider import Context, Discovery, Entry, Provider, StageFailed
from .script import Source

# Module and class of each provider. The first one that claims an entry has it.
_PROVIDERS = (("irlens_triton.provider", "TritonProvider"), ("irlens_torch.provider", "TorchProvider"))
_EXPLORE = "__explore__"


def load_provider() -> Provider:
    """All providers; each also answers when its library is not installed."""
    return Providers([getattr(importlib.import_module(module), name)() for module, name in _PROVIDERS])


class Providers:
    """Several providers as one; see irlens_worker.provider.Provider."""

    def __init__(self, providers: list[Provider]) -> None:
        self._providers = providers

    def missing(self) -> dict[str, str]:
        return {part: command for one in self._providers for part, command in one.missing().items()}

    def tools(self) -> dict[str, str]:
        return {part: version for one in self._providers for part, version in one.tools().items()}

    def site(self) -> list[str]:
        return sorted({folder for one in self._providers for folder in one.site()})

    def steps(self) -> list[str]:
        return list(dict.fromkeys(step for one in self._providers for step in one.steps()))

    def warm(self) -> None:
        # Torch's first: Triton's pretends a GPU to torch, if that is there by then.
        for one in reversed(self._providers):
            one.warm()

    def seed(self, seed: int) -> None:
        for one in self._providers:
            one.seed(seed)

    def reads(self, path: str) -> bool:
        return any(one.reads(path) for one in self._providers)

    def handles(self, row: Row) -> bool:
        return any(one.handles(row) for one in self._providers)

    def lacks(self, row: Row) -> tuple[str, str] | None:
        return self._providers[self._owner(row)].lacks(row)

    def discovery(self, source: Source, seed: int, claimed_lines: set[int]) -> Discovery:
        return _Discoveries(self._providers, source, seed, claimed_lines)

    def saved(self, path: Path) -> list[Entry] | None:
        found = (one.saved(path) for one in self._providers)
        return next((entries for entries in found if entries is not None), None)

    def samples(self) -> list[str]:
        return [text for one in self._providers for text in one.samples()]

    def prerequisite(self, row: Row) -> str | None:
        owner = self._owner(row)
        name = self._providers[owner].prerequisite(row)
        return None if name is None else f"{owner}:{name}"

    def loader(self, row: Row) -> str | None:
        owner = self._owner(row)
        name = self._providers[owner].loader(row)
        return None if name is None else f"{owner}:{name}"

    def prepare(self, name: str, start: Any, context: Context) -> object:
        owner, own_name = name.split(":", 1)
        return self._providers[int(owner)].prepare(own_name, start, context)

    def is_quick(self, row: Row) -> bool:
        return self._providers[self._owner(row)].is_quick(row)

    def comes_last(self, row: Row) -> bool:
        return self._providers[self._owner(row)].comes_last(row)

    def make(self, row: Row, state: Any, context: Context) -> StageResult:
        return self._providers[self._owner(row)].make(row, state, context)

    def explain(self, row: Row, state: Any, context: Context) -> StageFailed | None:
        return self._providers[self._owner(row)].explain(row, state, context)

    def _owner(self, row: Row) -> int:
        for index, one in enumerate(self._providers):
            if one.handles(row):
                return index
        raise StageFailed([Diagnostic(f"no part of this installation makes the stage {row.id}")])


class _Discoveries:
    """Several searches of one file; see irlens_worker.provider.Discovery."""

    def __init__(self, providers: list[Provider], source: Source, seed: int, claimed_lines: set[int]) -> None:
        self.claimed_lines = set(claimed_lines)
        self._all: list[Discovery] = []
        for one in (one for one in providers if one.reads(source.path)):
            self._all.append(one.discovery(source, seed, self.claimed_lines))
            self.claimed_lines |= self._all[-1].claimed_lines
        self._worth: list[Discovery] = []

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """Those of the searches that found something to run; of all when none did."""
        return [item for one in self._worth or self._all for item in one.diagnostics]

    @property
    def directives(self) -> Json:
        return {key: value for one in self._all for key, value in one.directives.items()}

    @property
    def suggestions(self) -> list[Json]:
        return [item for one in self._all for item in one.suggestions]

    def judge(self, diagnostics: list[Diagnostic]) -> None:
        for one in self._worth:
            one.judge(diagnostics)

    def worth_running(self) -> bool:
        self._worth = [one for one in self._all if one.worth_running()]
        return bool(self._worth)

    def claims(self, value: object) -> bool:
        return any(one.claims(value) for one in self._all)

    def planted(self) -> Mapping[str, object]:
        planted: dict[str, object] = {}
        explorers: list[tuple[Discovery, Callable[..., None]]] = []
        for one in self._all:
            names = dict(one.planted())
            explore = names.pop(_EXPLORE, None)
            if callable(explore):
                explorers.append((one, explore))
            planted.update(names)
        if explorers:
            planted[_EXPLORE] = _dispatch(explorers)
        return planted

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        with contextlib.ExitStack() as stack:
            for one in self._worth:
                stack.enter_context(one.watching())
            yield

    @contextlib.contextmanager
    def pretending(self) -> Iterator[None]:
        with contextlib.ExitStack() as stack:
            for one in self._all:
                stack.enter_context(one.pretending())
            yield

    def finish(self, namespace: Mapping[str, Any], complete: bool) -> list[Entry]:
        entries = [entry for one in self._worth for entry in one.finish(namespace, complete)]
        if complete and not entries:
            self.explain_nothing()
        return entries

    def explain_nothing(self) -> None:
        for one in self._worth:
            one.explain_nothing()


def _dispatch(explorers: list[tuple[Discovery, Callable[..., None]]]) -> Callable[..., None]:
    """An `__explore__` that hands each call to the provider of its first argument."""

    def explore(*args: Any, **kwargs: Any) -> None:
        for one, own in explorers:
            if args and one.claims(args[0]):
                return own(*args, **kwargs)
        return explorers[-1][1](*args, **kwargs)  # says what is wrong with the call

    return explore

"""Turns the arguments of a launch into the types and constants that Triton compiles.

The same code as a launch on a GPU uses: Triton's own binder, once for each family of
GPUs. Called while the user's file runs. Raises what Triton raises for wrong arguments.
"""

from __future__ import annotations

import warnings
from typing import Any

from triton import runtime
from triton._utils import find_paths_if, get_iterable_path
from triton.backends import backends
from triton.runtime.jit import create_function_from_signature

from ..kernels import Specialization, Variant
from ..targets import parse_target

# A member of each family, to ask its backend; any one does.
_MEMBERS = {"cuda": parse_target("sm_90"), "hip": parse_target("gfx942")}


class Binder:
    """Binds launches; keeps what is worth keeping per function."""

    def __init__(self) -> None:
        self._backends: dict[str, Any] = {}
        for family, member in _MEMBERS.items():
            target = member.to_triton()
            for item in backends.values():
                if item.compiler.supports_target(target):
                    self._backends[family] = item.compiler(target)
        self._functions: dict[tuple[int, str], Any] = {}
        # An option must exist for some family: scripts pass AMD's only on AMD.
        self._options: set[str] = set()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for backend in self._backends.values():
                self._options |= set(vars(backend.parse_options({})))

    def bind(self, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any], label: str = "") -> Variant:
        """What this launch compiles."""
        found: dict[str, Specialization] = {}
        options: dict[str, Any] = {}
        for family, backend in self._backends.items():
            bound, types, options = self._call(function, family, backend, args, kwargs)
            found[family] = _specialization(function, backend, list(bound.values()), types)
        for name in options:
            if name not in self._options:
                raise KeyError(f"Keyword argument {name} was specified but unrecognised")
        return Variant(found, {name: value for name, value in options.items() if value is not None}, label)

    def bound_arguments(self, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """The arguments by name, for grids that are functions."""
        family, backend = next(iter(self._backends.items()))
        bound: dict[str, Any] = self._call(function, family, backend, args, kwargs)[0]
        return bound

    def _call(self, function: Any, family: str, backend: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        try:
            return self._binder(function, family, backend)(*args, **kwargs)
        except TypeError as error:
            # The binder is a function that Triton makes up.
            raise TypeError(str(error).replace("dynamic_func", function.__name__)) from None

    def _binder(self, function: Any, family: str, backend: Any) -> Any:
        key = (id(function), family)
        if key not in self._functions:
            binder = create_function_from_signature(function.signature, function.params, backend)
            self._functions[key] = (binder, function)
        return self._functions[key][0]


def _specialization(function: Any, backend: Any, values: list[Any], types: list[Any]) -> Specialization:
    kinds = [item[0] for item in types]
    signature = {parameter.name: kind for parameter, kind in zip(function.params, kinds, strict=False)}
    paths = find_paths_if(kinds, lambda _, kind: kind == "constexpr")
    constants = {path: get_iterable_path(values, path) for path in paths}
    hints = ["" if item[0] == "constexpr" else item[1] for item in types]
    attributes = {
        path: backend.parse_attr(get_iterable_path(hints, path))
        for path in find_paths_if(hints, lambda _, hint: isinstance(hint, str))
    }
    attributes = {path: hint for path, hint in attributes.items() if hint}
    return Specialization(signature, constants, attributes)


def base_function(kernel: Any) -> Any:
    """The jitted function below autotune and heuristics; None if it is something else."""
    seen = kernel
    while seen is not None and not isinstance(seen, runtime.JITFunction):
        seen = getattr(seen, "fn", None)
    return seen

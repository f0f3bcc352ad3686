"""Catches kernel launches while the user's file runs; nothing is compiled or launched.

Replaces methods of Triton's classes for that time, so that `kernel[grid](...)`, `.run`,
`.warmup`, autotune and heuristics all lead here. What Triton would raise for wrong
arguments is raised here, too, at the same line.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import triton
import triton.testing
from triton.runtime.autotuner import Autotuner
from triton.runtime.driver import driver
from triton.runtime.jit import JITFunction, MockTensor

from ..kernels import Variant
from ..targets import Target
from .binding import Binder
from .patching import Patches
from .pretended_driver import PretendedDriver, pretend_benchmark
from .pretended_kernel import PretendedKernel

# A launch: the jitted function, what its configurations compile, and whether it is tuned.
OnLaunch = Callable[[Any, list[Variant], bool], None]


class Interception:
    """Active between `start` and `stop`."""

    def __init__(self, target: Target, on_launch: OnLaunch) -> None:
        self._target = target
        self._on_launch = on_launch
        self._patches = Patches()
        self._binder = Binder()
        # Set while an autotuner asks for what each of its configurations compiles.
        self._collected: list[tuple[Any, Variant]] | None = None
        self._label = ""

    def start(self) -> None:
        """From here on launches are noted."""
        saved = driver.__dict__.get("_active")
        self._patches.set(driver, "_active", saved)
        driver.set_active(PretendedDriver(self._target))
        patch = self._patches.set
        patch(JITFunction, "run", self._function(self._run))
        patch(Autotuner, "run", self._function(self._tune))
        patch(Autotuner, "warmup", self._function(self._warm_tuned))
        for name in ("do_bench", "do_bench_cudagraph", "do_bench_cudagraph_proton"):
            if hasattr(triton.testing, name):
                patch(triton.testing, name, pretend_benchmark)
        patch(triton.testing.Mark, "run", _run_benchmark)
        # TRITON_INTERPRET would run kernels in numpy.
        knobs = getattr(triton, "knobs", None)
        if knobs is not None:
            patch(type(knobs.runtime), "interpret", False)

    def stop(self) -> None:
        """Triton is as it was."""
        self._patches.undo()

    def launch(self, kernel: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """What `__explore__(kernel, ...)` does."""
        kernel.run(*args, grid=(1,), warmup=True, **kwargs)

    @staticmethod
    def _function(method: Callable[..., Any]) -> Callable[..., Any]:
        """A plain function, which binds to the instance whose class it becomes a part of."""

        def call(self: Any, *args: Any, **kwargs: Any) -> Any:
            return method(self, *args, **kwargs)

        return call

    def _run(self, function: Any, *args: Any, grid: Any = None, warmup: bool = False, **kwargs: Any) -> Any:
        for hook in getattr(function, "pre_run_hooks", ()):
            hook(*args, **kwargs)
        variant = self._binder.bind(function, args, kwargs, self._label)
        is_first = not self._collected
        if callable(grid) and not warmup and is_first:
            grid(self._binder.bound_arguments(function, args, kwargs))
        if self._collected is not None:
            self._collected.append((function, variant))
            return None
        self._on_launch(function, [variant], False)
        return PretendedKernel(function, variant, self._target)

    def _tune(self, tuner: Any, *args: Any, **kwargs: Any) -> Any:
        given = {name: value for name, value in kwargs.items() if name not in ("grid", "warmup")}
        configs = self._configurations(tuner, args, given)
        collected = self._collect(tuner, configs, args, kwargs)
        tuner.best_config = configs[0]
        function, first = collected[0]
        self._on_launch(function, [variant for _, variant in collected], True)
        return PretendedKernel(function, first, self._target)

    def _warm_tuned(self, tuner: Any, *args: Any, **kwargs: Any) -> list[Any]:
        return [self._tune(tuner, *map(MockTensor.wrap_dtype, args), warmup=True, **kwargs)]

    def _collect(
        self, tuner: Any, configs: list[Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> list[tuple[Any, Variant]]:
        """What each configuration compiles. Hooks before a launch may change its arguments."""
        if self._collected is not None:
            raise TypeError("an autotuned kernel cannot be autotuned again")
        found: list[tuple[Any, Variant]] = []
        self._collected = found
        try:
            for config in configs:
                if config.pre_hook is not None:
                    named = dict(zip(tuner.arg_names, args, strict=False))
                    config.pre_hook({**named, **kwargs, **config.all_kwargs()})
                self._label = configuration_label(config)
                tuner.fn.run(*args, **{**kwargs, **config.all_kwargs()})
        finally:
            self._collected = None
            self._label = ""
        return found

    def _configurations(self, tuner: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Any]:
        """What is left after the user's own pruning."""
        tuner.nargs = dict(zip(tuner.arg_names, args, strict=False))
        try:
            return list(tuner.prune_configs(kwargs))
        finally:
            tuner.nargs = None


def configuration_label(config: Any) -> str:
    """`BLOCK=128 num_warps=4`."""
    settings = {**config.kwargs, "num_warps": config.num_warps, "num_stages": config.num_stages}
    if config.num_ctas != 1:
        settings["num_ctas"] = config.num_ctas
    if getattr(config, "maxnreg", None):
        settings["maxnreg"] = config.maxnreg
    return " ".join(f"{name}={value}" for name, value in settings.items())


def _run_benchmark(mark: Any, *args: Any, **kwargs: Any) -> Any:
    """`perf_report(...).run()`: each line at its first and last point, without plots."""
    benchmarks = mark.benchmarks if isinstance(mark.benchmarks, list) else [mark.benchmarks]
    for benchmark in benchmarks:
        points = list(benchmark.x_vals)
        for point in points[:1] + points[1:][-1:]:
            names = benchmark.x_names
            values = point if isinstance(point, (list, tuple)) else [point] * len(names)
            for line in benchmark.line_vals:
                given = dict(zip(names, values, strict=False))
                mark.fn(**given, **{benchmark.line_arg: line}, **benchmark.args)
    return _empty_frames(kwargs, len(benchmarks))


def _empty_frames(kwargs: dict[str, Any], count: int) -> Any:
    if not kwargs.get("return_df"):
        return None
    pandas = sys.modules.get("pandas")
    frames = [pandas.DataFrame() if pandas else None] * count
    return frames if count > 1 else frames[0]

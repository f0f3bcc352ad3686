"""Compiles a kernel stage by stage, without a GPU and without Triton's cache.

Each stage is one call of the backend's own stage function, so that a forked child can go on
from its parent's module. Called in the processes of stages; `compile_all` also while the
user's file runs, when the script looks at a compiled kernel.
"""

from __future__ import annotations

import contextlib
import warnings
from dataclasses import dataclass, field
from typing import Any

from irlens_worker.given_text import GivenText
from irlens_worker.protocol import Frame
from triton import knobs
from triton._C.libtriton import ir
from triton.compiler.compiler import ASTSource, make_backend

from ..kernels import Variant
from ..targets import Target
from .capture_output import Said, listening
from .text_module import parse_mlir

# Our stages, and the names of the backend's functions that make them, in order.
_STEPS: dict[str, tuple[str, ...]] = {
    "ttir": ("ttir", "glir"),
    "ttgir": ("ttgir",),
    "triton-llvm-ir": ("llir",),
    "ptx": ("ptx",),
    "amdgcn": ("amdgcn",),
    "sass": ("cubin",),
    "hsaco": ("hsaco",),
}
STAGES = tuple(_STEPS)


@dataclass
class Compilation:
    """One kernel on its way to one target; lives in one process, copied by fork."""

    target: Target
    backend: Any
    options: Any
    # The backend's functions that are left, by name.
    left: dict[str, Any]
    metadata: dict[str, Any]
    context: Any
    module: Any
    is_gluon: bool = False
    # Options that the kernel's author set.
    given: dict[str, Any] = field(default_factory=dict)
    # What Triton calls a stage -> its text, or bytes for a binary.
    texts: dict[str, Any] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)
    listens: bool = True
    # Where to say what no line of the kernel is known for.
    frames: list[Frame] = field(default_factory=list)


def begin(function: Any, variant: Variant, target: Target, said: list[Said] | None = None) -> Compilation:
    """Runs the front end; what it says goes to `said`. Raises CompilationError and what the backend says of options."""
    backend, options = _backend(target, variant.options)
    types = variant.specializations[target.backend]
    source = _source_class(function)(function, types.signature, types.constants, types.attributes)
    compilation = _start(target, backend, options, source.language)
    compilation.given = variant.options
    context = compilation.context
    compilation.said = [] if said is None else said
    implementation, modules = backend.get_codegen_implementation(options), backend.get_module_map()
    with listening(compilation.said):
        compilation.module = source.make_ir(target.to_triton(), options, implementation, modules, context)
    return compilation


def begin_with_text(
    given: GivenText,
    stage: str,
    target: Target,
    options: dict[str, Any],
    is_gluon: bool = False,
    said: list[Said] | None = None,
) -> Compilation:
    """Reads a stage's text, which counts as made. Raises RuntimeError for what MLIR cannot read, StageFailed
    for what is no text, and ValueError for a stage that the target has not."""
    from triton.backends.compiler import Language

    backend, parsed = _backend(target, options)
    compilation = _start(target, backend, parsed, Language.GLUON if is_gluon else Language.TRITON)
    compilation.given = options
    compilation.said = [] if said is None else said
    if not any(name in _STEPS[stage] for name in compilation.left):
        raise ValueError(f"{target.name} has no stage {stage!r}")
    while (name := next(iter(compilation.left))) not in _STEPS[stage]:
        compilation.left.pop(name)
    compilation.left.pop(name)
    if stage in ("ttir", "ttgir"):
        with listening(compilation.said):
            compilation.module = parse_mlir(given, compilation.context)
        compilation.texts[name] = str(compilation.module)
    else:
        compilation.module = compilation.texts[name] = given.read()
    return compilation


def stands_at(compilation: Compilation, stage: str) -> bool:
    """Whether the last text is that stage's."""
    return next(reversed(compilation.texts), "") in _STEPS.get(stage, ())


def advance(compilation: Compilation, stage: str) -> Any:
    """Makes the next stage: its text, or bytes for a binary. Raises what Triton raises."""
    step = _take(compilation, stage)
    if step is None:
        last = next(reversed(compilation.texts), "source")
        raise ValueError(f"{stage} for {compilation.target.name} is not made from what stands here ({last})")
    name, run = step
    # ptxas' log is the one place where registers and spills are told.
    knobs.nvidia.dump_ptxas_log = True
    hears = listening(compilation.said) if compilation.listens else contextlib.nullcontext()
    with hears, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compilation.module = run(compilation.module, compilation.metadata)
    result = compilation.module
    compilation.texts[name] = result if isinstance(result, (str, bytes)) else str(result)
    return compilation.texts[name]


def lineage(target: Target) -> list[str]:
    """The stages from the source to the binary."""
    return ["ttir", "ttgir", "triton-llvm-ir", *(("ptx", "sass") if target.is_nvidia else ("amdgcn", "hsaco"))]


def compile_all(function: Any, variant: Variant, target: Target) -> Compilation:
    """All stages at once."""
    compilation = begin(function, variant, target)
    for stage in lineage(target):
        advance(compilation, stage)
    return compilation


def _backend(target: Target, options: dict[str, Any]) -> tuple[Any, Any]:
    backend = make_backend(target.to_triton())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        known = set(vars(backend.parse_options({})))
        # What only the other family knows says nothing here.
        return backend, backend.parse_options({name: value for name, value in options.items() if name in known})


def _start(target: Target, backend: Any, options: Any, language: Any) -> Compilation:
    context = ir.context()
    ir.load_dialects(context)
    backend.load_dialects(context)
    steps: dict[str, Any] = {}
    backend.add_stages(steps, options, language)
    metadata = {"target": target.to_triton(), **vars(options)}
    return Compilation(target, backend, options, steps, metadata, context, None, "glir" in steps)


def _take(compilation: Compilation, stage: str) -> tuple[str, Any] | None:
    """The next function, if it makes this stage."""
    name = next(iter(compilation.left), None)
    if name is None or name not in _STEPS[stage]:
        return None
    return name, compilation.left.pop(name)


def _source_class(function: Any) -> Any:
    if function.is_gluon():
        from triton.experimental.gluon._runtime import GluonASTSource

        return GluonASTSource
    return ASTSource

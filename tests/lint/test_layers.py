"""Who may include whom: the invariants of ARCHITECTURE.md, checked on the text.

The CMake targets keep a wrong dependency from linking; these tests also see
headers, Python packages and words that have no business in a layer.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from fnmatch import fnmatch

from tree import CPP, PYTHON, having, text

# What any part of the engine may include.
GROUND = ("engine/diagnostic.h", "engine/replace.h", "engine/result.h")

# The layer of a file is the longest prefix here. What it may include of ours:
# folders (with /) or single headers.
LAYERS: dict[str, tuple[str, ...]] = {
    # the rooms of the engine, from the ground up
    "engine/loop/": ("engine/loop/", *GROUND),
    "engine/links/": ("engine/links/", *GROUND),
    "engine/store/": ("engine/store/", "engine/loop/", *GROUND),
    "engine/table/": ("engine/table/", "engine/run_lines/", "engine/store/files.h", *GROUND),
    "engine/run_lines/": ("engine/run_lines/", "engine/text/lines.h", *GROUND),
    "engine/text/": ("engine/text/", "engine/links/links.h", "engine/table/stage.h"),
    "engine/worker/": ("engine/worker/", "engine/loop/", *GROUND),
    "engine/run/": (
        "engine/run/",
        "engine/artifact.h",
        "engine/links/",
        "engine/loop/",
        "engine/run_lines/",
        "engine/store/",
        "engine/table/",
        "engine/text/",
        "engine/worker/",
        *GROUND,
    ),
    "engine/": ("engine/",),
    "lsp/wire/": ("lsp/wire/", "engine/"),
    "lsp/documents/": ("lsp/documents/", "lsp/wire/", "lsp/sources.h", "engine/"),
    "lsp/features/": ("lsp/features/", "lsp/documents/", "lsp/wire/", "engine/"),
    "lsp/": ("lsp/", "engine/"),
    "ir_lowering/worker/": ("ir_lowering/worker/", "engine/diagnostic.h", "engine/result.h"),
    "ir_lowering/torchscript/": ("ir_lowering/torchscript/", "ir_lowering/worker/"),
    "ir_lowering/mlir/": (
        "ir_lowering/mlir/",
        "ir_lowering/worker/",
        *GROUND,
        "engine/run_lines/",  # pure: what a test's steps mean, on both sides of the protocol
        "engine/table/stage.h",
        "engine/table/step_kinds.h",
        "engine/table/tools.h",
    ),
    "tools/": ("tools/", "lsp/", "engine/", "ir_lowering/mlir/"),
    "bench/": ("bench/", "lsp/", "engine/"),
    "tests/unit/mlir/": ("tests/", "ir_lowering/mlir/", "ir_lowering/worker/", "engine/"),
    "tests/fuzz/": ("tests/", "lsp/", "engine/", "ir_lowering/mlir/"),
    "tests/": ("tests/", "lsp/", "engine/"),
}

# Where a library's headers may be included.
LIBRARIES: dict[str, tuple[str, ...]] = {
    "uv.h": ("engine/loop/*",),
    "llvm/*": ("ir_lowering/mlir/*", "tests/unit/mlir/*"),
    "mlir/*": ("ir_lowering/mlir/*", "tests/unit/mlir/*"),
    "llvm-c/*": (),
    "mlir-c/*": (),
    "torch/*": ("ir_lowering/torchscript/*",),
    "CLI/*": ("tools/*", "ir_lowering/mlir/main.cpp"),
    "gtest/*": ("tests/*",),
    "gmock/*": ("tests/*",),
    "benchmark/*": ("bench/*",),
}

# Words of the protocol, which only lsp/ knows.
PROTOCOL_WORDS = re.compile(r"json-?rpc|utf-?16|textDocument/", re.IGNORECASE)

# What each Python package may import besides the standard library and itself.
PACKAGES: dict[str, tuple[str, ...]] = {
    "engine/worker/irlens_worker/": (),
    # the one place that names the libraries' packages
    "engine/worker/irlens_worker/providers.py": ("irlens_torch", "irlens_triton"),
    "ir_lowering/torch/irlens_torch/": ("torch", "torch_mlir", "functorch", "numpy", "sympy", "irlens_worker"),
    "triton/irlens_triton/": ("triton", "torch", "numpy", "irlens_worker"),
}

# What each room of a Python package may import of the others, from the ground up.
# Files beside the rooms are either the ground (named here) or join the rooms.
ROOMS: dict[str, tuple[str, ...]] = {
    "ir_lowering/torch/irlens_torch/capture/": (),
    "ir_lowering/torch/irlens_torch/lower/": ("capture",),
    "ir_lowering/torch/irlens_torch/check/": ("capture", "lower"),
    "ir_lowering/torch/irlens_torch/dynamo/": ("capture",),
    "ir_lowering/torch/irlens_torch/discover/": ("capture",),
    "triton/irlens_triton/compile/": ("kernels", "targets"),
    "triton/irlens_triton/read/": ("compile",),
    "triton/irlens_triton/resources/": ("compile", "read", "kernels", "naming", "targets"),
    "triton/irlens_triton/pretend/": ("compile", "resources", "kernels", "targets"),
    "triton/irlens_triton/discover/": ("pretend", "kernels", "naming", "targets"),
}

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.MULTILINE)


def includes(*folders: str) -> Iterator[tuple[str, str, str]]:
    """(file, kind of quote, header) of each include below the folders."""
    for name in having(CPP, *folders):
        for quote, header in INCLUDE.findall(text(name)):
            yield name, quote, header


def layer_of(name: str) -> str:
    return max((prefix for prefix in LAYERS if name.startswith(prefix)), key=len, default="")


def test_each_file_has_a_layer() -> None:
    assert not [name for name in having(CPP) if not layer_of(name)]


def test_includes_follow_the_layers() -> None:
    wrong = [
        f"{name} includes {header}; {layer_of(name)} may include {', '.join(LAYERS[layer_of(name)])}"
        for name, quote, header in includes()
        if quote == '"' and not header.startswith(LAYERS[layer_of(name)])
    ]
    assert not wrong, "\n".join(wrong)


def test_libraries_stay_where_they_belong() -> None:
    wrong = [
        f"{name} includes {header}, which only {', '.join(places) or 'nobody'} may"
        for name, _, header in includes()
        for library, places in LIBRARIES.items()
        if fnmatch(header, library) and not any(fnmatch(name, place) for place in places)
    ]
    assert not wrong, "\n".join(wrong)


def test_headers_of_the_engine_need_no_library() -> None:
    """Whoever includes the engine would need the library too."""
    wrong = [
        f"{name} includes {header}"
        for name, quote, header in includes("engine")
        if name.endswith(".h") and quote == "<" and "/" in header and not header.startswith("sys/")
    ]
    assert not wrong, "\n".join(wrong)


def test_only_lsp_speaks_of_the_protocol() -> None:
    wrong = [
        f"{name}:{number}: {line.strip()}"
        for name in having((*CPP, *PYTHON), "engine", "ir_lowering", "triton")
        for number, line in enumerate(text(name).splitlines(), 1)
        if PROTOCOL_WORDS.search(line)
    ]
    assert not wrong, "\n".join(wrong)


def imports_of(name: str) -> set[str]:
    """The top-level packages that a Python file imports, anywhere in it."""
    imported = set()
    for node in ast.walk(ast.parse(text(name))):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            imported.add(node.module.split(".")[0])
    return imported


def test_python_imports_follow_the_layers() -> None:
    wrong = []
    for name in having(PYTHON, "engine", "ir_lowering", "triton"):
        rule = max((prefix for prefix in PACKAGES if name.startswith(prefix)), key=len, default="")
        assert rule, f"{name} is in no package of PACKAGES"
        own = next(part for part in name.split("/") if part.startswith("irlens_"))
        allowed = {*PACKAGES[rule], own, *sys.stdlib_module_names}
        wrong += [f"{name} imports {module}" for module in sorted(imports_of(name) - allowed)]
    assert not wrong, "\n".join(wrong)


def outside_imports(name: str) -> set[str]:
    """The rooms and files beside its own that a file of a room imports: `from ..lower.x import y`."""
    imported = set()
    for node in ast.walk(ast.parse(text(name))):
        if isinstance(node, ast.ImportFrom) and node.level == 2:
            imported |= {node.module.split(".")[0]} if node.module else {alias.name for alias in node.names}
    return imported


def test_rooms_import_downwards() -> None:
    wrong = [
        f"{name} imports {other}; its room may import {', '.join(allowed) or 'no other'}"
        for room, allowed in ROOMS.items()
        for name in having(PYTHON, room.removesuffix("/"))
        for other in sorted(outside_imports(name) - {*allowed})
    ]
    assert not wrong, "\n".join(wrong)


def test_each_room_has_a_rule() -> None:
    rooms = {
        name.rpartition("/")[0] + "/"
        for name in having(PYTHON, "ir_lowering/torch/irlens_torch", "triton/irlens_triton")
        if name.count("/") > (3 if name.startswith("ir_lowering") else 2)
    }
    assert rooms == set(ROOMS)

"""What the text of a stage says of itself: which stage's it is, for which target, with what options.

Pure; for files that the user has written, and for what a tool has made of a stage's text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

_FUNCTION = re.compile(r"^\s*tt\.func\s+(?:public\s+)?@(?:\"([^\"]+)\"|([\w.$]+))", re.MULTILINE)
_GPU_MLIR = re.compile(r"#ttg\.|\"?ttg\.[\w-]+\"? = |\bttg\.\w+")
_ATTRIBUTE = re.compile(r"\"?ttg\.(num-warps|num-ctas)\"? = (\d+)")
_MLIR_TARGET = re.compile(r'ttg\.target"? = "(cuda|hip):(\w+)"')
_LLVM = re.compile(r"^define ", re.MULTILINE)
_LLVM_KERNEL = re.compile(
    r"^define (?:\w+ )*?(?:ptx_kernel|amdgpu_kernel) void @(?:\"([^\"]+)\"|([\w.$]+))", re.MULTILINE
)
_LLVM_CPU = re.compile(r'"target-cpu"="(\w+)"')
_LLVM_THREADS = re.compile(r'"nvvm\.(?:reqntid|maxntid)"="(\d+)"|"amdgpu-flat-work-group-size"="\d+,\s*(\d+)"')
_PTX = re.compile(r"^\s*\.version\s", re.MULTILINE)
_PTX_TARGET = re.compile(r"^\s*\.target\s+sm_(\d+)([af]?)", re.MULTILINE)
_PTX_KERNEL = re.compile(r"\.entry\s+([\w$]+)")
_PTX_THREADS = re.compile(r"^\s*\.(?:reqntid|maxntid)\s+(\d+)", re.MULTILINE)
_GCN = re.compile(r'^\s*\.amdgcn_target\s+"[^"]*-(gfx\w+)', re.MULTILINE)
_GCN_KERNEL = re.compile(r"^\s*\.amdhsa_kernel\s+([\w.$]+)", re.MULTILINE)
_GCN_NUMBER = re.compile(r"^\s*\.(max_flat_workgroup_size|group_segment_fixed_size):\s+(\d+)", re.MULTILINE)


@dataclass(frozen=True)
class TextFacts:
    """`stage` is empty when the text is none that Triton knows."""

    stage: str = ""
    # Only for this one can it be compiled on; empty if it does not say it.
    target: str = ""
    # PTX of an older GPU without its special instructions: newer ones take it.
    for_newer: bool = False
    # What sm_ or gfx there is, when the text says no more than that.
    family: str = ""
    kernel: str = ""
    options: dict[str, int] = field(default_factory=dict)
    threads: int = 0
    shared: int | None = None

    def metadata(self, warp_size: int) -> dict[str, Any]:
        """What stages tell later ones, as far as the text knows it."""
        found: dict[str, Any] = {"name": self.kernel, "shared": self.shared}
        if self.threads:
            found["num_warps"] = max(1, self.threads // warp_size)
        return found

    def refuses(self, target: str) -> bool:
        """Whether the text was made for another target."""
        if self.target and self.target != target:
            return not (self.for_newer and _number(target) >= _number(self.target) > 0)
        return bool(self.family) and not target.startswith(self.family)


def facts_of(text: str) -> TextFacts:
    """Looks at the text of any stage."""
    return next((found for look in _LOOKS if (found := look(text))), TextFacts())


def _ptx(text: str) -> TextFacts | None:
    if not _PTX.search(text):
        return None
    target, kernel, threads = _PTX_TARGET.search(text), _PTX_KERNEL.search(text), _PTX_THREADS.search(text)
    return TextFacts(
        "ptx",
        f"sm_{target[1]}" if target else "",
        for_newer=bool(target) and not target[2],  # type: ignore[index]
        family="sm_",
        kernel=kernel[1] if kernel else "",
        threads=int(threads[1]) if threads else 0,
    )


def _amdgcn(text: str) -> TextFacts | None:
    target = _GCN.search(text)
    if not target:
        return None
    kernel = _GCN_KERNEL.search(text)
    numbers = {name: int(value) for name, value in _GCN_NUMBER.findall(text)}
    return TextFacts(
        "amdgcn",
        target[1],
        kernel=kernel[1] if kernel else "",
        threads=numbers.get("max_flat_workgroup_size", 0),
        shared=numbers.get("group_segment_fixed_size"),
    )


def _llvm(text: str) -> TextFacts | None:
    if not _LLVM.search(text):
        return None
    kernel, cpu, threads = _LLVM_KERNEL.search(text), _LLVM_CPU.search(text), _LLVM_THREADS.search(text)
    is_amd = "amdgcn" in text or "amdgpu_kernel" in text
    return TextFacts(
        "triton-llvm-ir",
        cpu[1] if cpu and is_amd else "",
        family="gfx" if is_amd else "sm_" if "nvptx" in text or "ptx_kernel" in text else "",
        kernel=(kernel[1] or kernel[2]) if kernel else "",
        threads=int(threads[1] or threads[2]) if threads else 0,
    )


def _mlir(text: str) -> TextFacts | None:
    function = _FUNCTION.search(text)
    if not function:
        return None
    if not _GPU_MLIR.search(text):
        return TextFacts("ttir", kernel=function[1] or function[2])
    target = _MLIR_TARGET.search(text)
    name = "" if not target else f"sm_{target[2]}" if target[1] == "cuda" else target[2]
    options = {key.replace("-", "_"): int(value) for key, value in _ATTRIBUTE.findall(text)}
    return TextFacts("ttgir", name, kernel=function[1] or function[2], options=options)


# MLIR first: its texts may have assembly in them.
_LOOKS: tuple[Callable[[str], TextFacts | None], ...] = (_mlir, _ptx, _amdgcn, _llvm)


def _number(target: str) -> int:
    return int(target[3:]) if target.startswith("sm_") and target[3:].isdigit() else 0

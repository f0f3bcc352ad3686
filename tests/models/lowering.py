"""Lowers a family of models (a file of this folder) as a user does, and compares each
cell, a model in a stage, with the record of what is known to fail (expected.json).

Used by test_models.py, which fails on any difference, and by record.py, which rewrites
the record.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
RECORD = HERE / "expected.json"
BIN = Path(os.environ.get("IRLENS_BIN_DIR", ROOT / "build" / "bin"))
SECONDS = 280
# What a model is lowered to, and whether what runs there computes what PyTorch does; how it
# is captured otherwise has tests of its own.
STAGES = (
    "torchscript", "fx", "torch", "tosa", "linalg", "stablehlo", "llvm-dialect", "llvm-ir", "llvm-ir-opt", "x86",
    "aarch64", "nvptx", "amdgcn", "spirv", "gpu", "gpu-nvptx", "gpu-amdgcn", "check",
)  # fmt: skip

# Files of this folder that hold no models.
_OTHERS = {"lowering", "record", "checks", "test_models"}
FAMILIES = sorted(path.stem for path in HERE.glob("*.py") if path.stem not in _OTHERS)

# For each model that fails somewhere: the stages where it does, and why.
Failures = dict[str, dict[str, str]]


@dataclass
class Family:
    """What lowering a family gave."""

    name: str
    # Of each model the stages in order, True where it is ok.
    cells: dict[str, dict[str, bool]]
    failures: Failures
    # Of each stage the full texts; the documents leave out the middle of long constants.
    texts: dict[str, list[Path]]


def lower(name: str, store: Path) -> Family:
    """Runs `irlens lower` on a family, with an empty store."""
    command = [str(BIN / "irlens"), "lower", str(HERE / f"{name}.py"), "--to", ",".join(STAGES), "--json", "--force"]
    command += ["--timeout", str(SECONDS), "--store", str(store)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS + 10, check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"irlens ended with {done.returncode}: {done.stderr[-2000:]}")
    entries = json.loads(done.stdout)["entries"]
    cells = {entry["name"]: {stage["id"]: stage["status"] == "ok" for stage in entry["stages"]} for entry in entries}
    failures: Failures = {}
    texts: dict[str, list[Path]] = {}
    for entry in entries:
        for stage in entry["stages"]:
            if stage["path"]:
                texts.setdefault(stage["id"], []).append(Path(stage["path"]).parent / f"{stage['id']}.raw")
            if stage["status"] != "ok":
                failures.setdefault(entry["name"], {})[stage["id"]] = _reason(stage)
    return Family(name, cells, failures, texts)


def _reason(stage: dict[str, Any]) -> str:
    """Why a stage failed, without what differs from machine to machine."""
    diagnostics = stage["diagnostics"]
    if not diagnostics:
        return "no reason given"
    line = f"line {diagnostics[0]['line']}: " if diagnostics[0]["severity"] == "error" else ""
    text = re.sub(r"/\S*/", "", diagnostics[0]["message"])
    return f"{line}{text}"[:200]


def read_record() -> dict[str, Failures]:
    record: dict[str, Failures] = json.loads(RECORD.read_text())
    return record


def differences(family: Family, expected: Failures) -> list[str]:
    """What is not as recorded, a line each."""
    found = []
    for model, stages in family.cells.items():
        known = expected.get(model, {})
        for stage, ok in stages.items():
            if not ok and stage not in known:
                found.append(f"{model} {stage} failed: {family.failures[model][stage]}")
            elif ok and stage in known:
                found.append(f"{model} {stage} is ok now; record it: tests/models/record.py {family.name}")
            elif not ok and family.failures[model][stage] != known[stage]:
                reason = family.failures[model][stage]
                found.append(f"{model} {stage} fails otherwise: {reason!r}, not {known[stage]!r}")
    found += [f"{model} is recorded and gone" for model in expected if model not in family.cells]
    return found

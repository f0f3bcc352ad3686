"""Writes each built-in stage below linalg once more as a user would: as a row in a
.irlens.json that begins at linalg and names all steps on the way. Lowers the file and
says which texts are the same.

    own_rows.py FILE
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

Row = dict[str, Any]
# What a user's row can do from linalg on: no capture, no numbers to compare.
STEPS = {"mlir", "translate", "target", "device-library", "llvm", "codegen", "assemble"}


def effective_rows(file: Path) -> list[Row]:
    printed = subprocess.run(["irlens", "config", "--print", file], check=True, capture_output=True, text=True).stdout
    rows: list[Row] = json.loads(printed)["rows"]
    return rows


def steps_from_linalg(row: Row, rows: list[Row]) -> list[Any] | None:
    """Those of the row and of all rows before it; None if it is not made from linalg."""
    steps: list[Any] = []
    while row["id"] != "linalg":
        steps = row["steps"] + steps
        before = [other for other in rows if other["id"] == row["from"]]
        if not before:
            return None
        row = before[0]
    return steps


def own_rows(rows: list[Row]) -> list[Row]:
    own = []
    for row in rows:
        steps = steps_from_linalg(row, rows)
        if not steps or not all(step.keys() <= STEPS for step in steps):
            continue
        target = {"target": row["target"]} if "target" in row else {}
        own.append({"id": f"own-{row['id']}", "from": "linalg", "steps": steps, **target})
    pipeline = next(row["steps"][0]["mlir"] for row in rows if row["id"] == "llvm-dialect")
    tools = [
        {"tool": "mlir-opt", "args": [f"--pass-pipeline={pipeline}"]},
        {"mlir": "builtin.module(irlens-debug-scopes)"},
        {"tool": "mlir-translate", "args": ["--mlir-to-llvmir"]},
    ]
    return [*own, {"id": "own-tools", "from": "linalg", "steps": tools}]


def main(file: Path) -> int:
    own = own_rows(effective_rows(file))
    (file.parent / ".irlens.json").write_text(json.dumps({"rows": own}))
    like = {row["id"]: row["id"].removeprefix("own-") for row in own} | {"own-tools": "llvm-ir"}
    out = file.parent / "out"
    command = ["irlens", "lower", file, "--to", ",".join([*like, *like.values()]), "--out", out, "--trust"]
    subprocess.run(command, check=True, env=os.environ | {"XDG_STATE_HOME": str(file.parent / "state")})
    texts = {path.name.split(".")[0]: path.read_text() for path in out.rglob("*") if path.is_file()}
    others = [own for own, builtin in like.items() if texts.get(own) != texts[builtin]]
    print("the same:", *(own for own in like if own not in others))
    print("\n".join(f"other: {own}" for own in others))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

#!/usr/bin/env python3
"""Rewrites expected.json, what is known not to lower, and the totals in the README.

    tests/models/record.py [FAMILY...]     lowers these families again; default: all

The totals count all families, so a run over some of them leaves the README alone.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from lowering import FAMILIES, RECORD, ROOT, Failures, lower

_README = ROOT / "README.md"
_BEGIN, _END = "<!-- models: tests/models/record.py -->\n", "<!-- end -->\n"


def totals(cells: list[dict[str, bool]]) -> str:
    """A table with one column per stage."""
    stages = list(cells[0])
    counts = [str(sum(model[stage] for model in cells)) for stage in stages]
    rows = [["stage", *(f"`{stage}`" for stage in stages)], ["---"] * (len(stages) + 1), [f"of {len(cells)}", *counts]]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def main() -> int:
    names = sys.argv[1:] or FAMILIES
    unknown = set(names) - set(FAMILIES)
    if unknown:
        sys.exit(f"no family {', '.join(sorted(unknown))}; there are {', '.join(FAMILIES)}")
    record: dict[str, Failures] = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    cells: list[dict[str, bool]] = []
    for name in names:
        with tempfile.TemporaryDirectory(prefix="irlens-models-") as folder:
            family = lower(name, Path(folder))
        record[name] = family.failures
        cells += family.cells.values()
        bad = sum(len(stages) for stages in family.failures.values())
        print(f"{name:16} {len(family.cells):3} models, {bad:3} cells fail", flush=True)
        RECORD.write_text(json.dumps(dict(sorted(record.items())), indent=1) + "\n")
    table = totals(cells)
    print(table, end="")
    if len(names) == len(FAMILIES):
        text = _README.read_text()
        before, _, rest = text.partition(_BEGIN)
        _, _, after = rest.partition(_END)
        _README.write_text(before + _BEGIN + table + _END + after)
    return 0


if __name__ == "__main__":
    sys.exit(main())

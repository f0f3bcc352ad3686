"""How the files of cases/ end, as their EXPECT comments say."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).resolve().parent
CASES = sorted(path for path in (HERE / "cases").iterdir() if path.suffix in (".mlir", ".ll"))


def expected(case: Path, who: str) -> str:
    """How the case ends for "lit", "irlens" (commands) or "irlens rows"."""
    match = re.search(r"EXPECT: (.*)", case.read_text())
    assert match, f"{case.name} has no EXPECT"
    general, *special = (part.strip() for part in match[1].split(";"))
    known = dict(part.split(": ", 1) for part in special)
    if who == "irlens rows":
        return known.get(who) or known.get("irlens") or general
    return known.get(who) or general

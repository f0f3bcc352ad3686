"""`python -m irlens_worker.tool TOOL ARGS... < FILE`: runs a tool step on a text and prints what it gives.

The same code as the fork server, for one job and without warming up: torch-mlir-opt and triton-opt as the worker
stands in for them. Used by the lit tests as %irlens-tool. Exit 0: printed; 1: the step failed.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from .environment import stay_single_threaded


def main() -> int:
    """Runs one lower job in a temporary folder."""
    stay_single_threaded()
    from .once import complain, execute, read_json

    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    tool, *args = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="irlens-") as temporary:
        folder = Path(temporary)
        text = folder / "input"
        text.write_bytes(sys.stdin.buffer.read())
        request = {
            "op": "run",
            "job": 1,
            "kind": "lower",
            "entry": "stdin",
            "input": {"stage": "input", "path": str(text), "name": "<stdin>"},
            "out": str(folder),
            "stages": [{"id": "output", "from": "input", "steps": [{"tool": tool, "args": args}]}],
        }
        end = execute(request)
        if end["status"] != "ok":
            print(f"irlens-tool: {end['status']}: {end['message']}", file=sys.stderr)
            return 1
        made = folder / "stdin"
        said = made / "output.stderr"
        details = read_json(made / "output.json")
        if details["status"] == "ok":
            sys.stderr.write(said.read_text() if said.exists() else "")
            sys.stdout.write((made / "output.raw").read_text())
            return 0
        for diagnostic in details["diagnostics"]:
            complain(diagnostic)
        return 1


if __name__ == "__main__":
    sys.exit(main())

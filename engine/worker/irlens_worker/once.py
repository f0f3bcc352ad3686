"""`python -m irlens_worker.once FILE --to STAGE`: prints the raw text of one stage.

The same code as the fork server, for one job and without warming up. Used by the lit tests
as %irlens-capture, and handy when something goes wrong. Exit 0: printed; 1: the stage or
the file failed, diagnostics are on stderr; 2: wrong usage.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from .environment import stay_single_threaded


def main() -> int:
    """Runs one capture job in a temporary folder."""
    stay_single_threaded()
    parser = argparse.ArgumentParser(prog="irlens-capture", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--to", required=True, metavar="STAGE")
    parser.add_argument("--origin", default="model", help="what the entry is: a row of `origins` in the stage table")
    parser.add_argument("--target", help="the one target of the origin; default: the first of the table")
    parser.add_argument("--entry", help="default: the first one that succeeds")
    parser.add_argument("--weights", choices=["names", "values"], default="names")
    parser.add_argument("--links", action="store_true", help="print the link table as well")
    parser.add_argument("--out", type=Path, help="keep all artifacts in this folder")
    options = parser.parse_args()
    rows = _rows_of(options.to, options.origin, options.target)
    if not rows:
        parser.error(f"no stage {options.to!r}")
    with tempfile.TemporaryDirectory(prefix="irlens-") as temporary:
        folder = str(options.out.resolve()) if options.out else temporary
        request = {
            "op": "run",
            "job": 1,
            "kind": "capture",
            "file": str(options.file.resolve()),
            "cwd": os.getcwd(),
            "out": folder,
            "timeout_ms": 120_000,
            "weights": options.weights,
            "entries": [options.entry] if options.entry else None,
            "stages": rows,
        }
        end = execute(request)
        return _show(Path(folder), options.to, options.links, end)


def _rows_of(stage: str, origin: str, target: str | None) -> list[dict[str, Any]]:
    """The row of an origin's stage, preceded by those that it is made from, as the engine sends them."""
    program = shutil.which("irlens", path=os.environ.get("IRLENS_BIN_DIR")) or "irlens"
    command = [program, "config", "--rows", stage, "--origin", origin]
    command += ["--target", f"{origin}={target}"] if target else []
    # Not in the file's folder, whose .irlens.json is nobody's business here.
    done = subprocess.run(command, cwd="/", stdout=subprocess.PIPE, check=False)
    rows: list[dict[str, Any]] = json.loads(done.stdout) if done.returncode == 0 else []
    return rows


def execute(request: dict[str, Any]) -> dict[str, Any]:
    """Runs one request to its end; returns the `end` event."""
    from .providers import load_provider
    from .zygote import Zygote

    events: list[dict[str, Any]] = []
    read, write = os.pipe()
    os.write(write, json.dumps(request).encode() + b"\n")
    zygote = Zygote(load_provider(), read, events.append)
    zygote.serve(stop=lambda: bool(events) and events[-1]["event"] == "end")
    os.close(write)
    return events[-1]


def _show(folder: Path, stage: str, links: bool, end: dict[str, Any]) -> int:
    run = folder / "run.json"
    report: dict[str, Any] = json.loads(run.read_text()) if run.exists() else {"entries": []}
    for diagnostic in report.get("diagnostics", []):
        complain(diagnostic)
    if end["status"] not in ("ok", "failed") or not run.exists():
        print(f"irlens-capture: {end['status']}: {end['message']}", file=sys.stderr)
    for entry in report["entries"]:
        path = folder / entry / f"{stage}.json"
        details = read_json(path) if path.exists() else {"status": end["status"]}
        for diagnostic in details.get("diagnostics", []):
            complain(diagnostic)
        if details["status"] != "ok":
            continue
        raw = folder / entry / f"{stage}.raw"
        sys.stdout.write((raw if raw.exists() else folder / f"{stage}.txt").read_text())
        if links and (folder / entry / f"{stage}.links").exists():
            _print_links(json.loads((folder / entry / f"{stage}.links").read_text()))
        return 0
    return 1


def read_json(path: Path) -> dict[str, Any]:
    """An artifact's file."""
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def complain(diagnostic: dict[str, Any]) -> None:
    """One line in the form that compilers use, and one for each note."""
    place = _place(diagnostic["frames"])
    print(f"{place}{diagnostic['severity']}: {diagnostic['message']}", file=sys.stderr)
    for note in diagnostic.get("notes", []):
        print(f"{_place(note['frames'])}note: {note['message']}", file=sys.stderr)


def _place(frames: list[list[Any]]) -> str:
    return ":".join(str(part) for part in frames[0]) + ": " if frames else ""


def _print_links(table: dict[str, Any]) -> None:
    """`# 3 <- linear.py:134:16 <- model.py:9:13`, innermost frame first."""
    for line, *frames in table["lines"]:
        for frame in frames:
            chain = ""
            while frame >= 0:
                file, number, column, frame = table["frames"][frame]
                chain += f" <- {Path(table['files'][file]).name}:{number}:{column}"
            print(f"# {line}{chain}")


if __name__ == "__main__":
    sys.exit(main())

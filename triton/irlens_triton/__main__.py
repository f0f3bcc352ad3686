"""`python -m irlens_triton FILE --target sm_90 --to ptx`: what the worker does, by hand.

Runs the file, prints one stage of one kernel, and the diagnostics to stderr. Without --to it
lists the kernels. Exit 0: printed; 1: something failed; 2: wrong usage.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

_REPOSITORY = Path(__file__).resolve().parents[2]


def main() -> int:
    """Everything in this one process."""
    sys.path.insert(0, str(_REPOSITORY / "engine" / "worker"))
    from irlens_worker.protocol import Diagnostic
    from irlens_worker.provider import StageFailed
    from irlens_worker.script import Source, run_script

    from .compile.compiler import lineage
    from .discover.discovery import TritonDiscovery
    from .provider import TritonProvider
    from .stages import make_stage
    from .targets import parse_target

    parser = argparse.ArgumentParser(prog="irlens_triton", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--target", default="sm_90")
    parser.add_argument("--to", metavar="STAGE", help="ttir, ttgir, triton-llvm-ir, ptx, sass, amdgcn, hsaco")
    parser.add_argument("--passes", action="store_true", help="list the passes of the stage instead")
    parser.add_argument("--entry", help="default: the first one")
    options = parser.parse_args()

    def complain(diagnostic: Diagnostic) -> None:
        place = ":".join(map(str, diagnostic.frames[0])) + ": " if diagnostic.frames else ""
        print(f"{place}{diagnostic.severity}: {diagnostic.message}", file=sys.stderr)
        for note, _ in diagnostic.notes:
            print(f"  note: {note}", file=sys.stderr)

    path = options.file.resolve()
    TritonProvider()
    discovery = TritonDiscovery(Source(str(path), path.read_bytes()))
    with discovery.watching():
        result = run_script(Source(str(path), path.read_bytes()), 0, discovery.planted(), [])
    discovery.judge(result.diagnostics)
    entries = discovery.finish(result.namespace, result.status == "ok")
    for diagnostic in result.diagnostics + discovery.diagnostics:
        complain(diagnostic)
    for item in discovery.suggestions:
        print(f"{path}:{item['line']}: not launched: {item['text']}", file=sys.stderr)
    wanted = [entry for entry in entries if options.entry in (None, entry.name)]
    if not options.to:
        for entry in entries:
            print(f"{entry.name:32} {entry.line}:{entry.column} ({entry.signature})")
        return 0
    if not wanted:
        print("no such kernel", file=sys.stderr)
        return 1
    state = wanted[0].payload
    for stage in lineage(parse_target(options.target)):
        try:
            made = make_stage(stage, options.target, state, options.passes and stage == options.to)
        except StageFailed as failure:
            for diagnostic in failure.diagnostics:
                complain(diagnostic)
            return 1
        for diagnostic in made.diagnostics:
            complain(diagnostic)
        if stage == options.to and options.passes:
            for one in made.passes:
                print(f"{one.name:44} {one.ms:9.1f} ms {one.ops:6} ops {'' if one.changed else 'unchanged'}")
            return 0
        if stage == options.to:
            print(made.text, end="")
            return 0
        state = made.state
    print(f"{options.target} has no stage {options.to!r}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())

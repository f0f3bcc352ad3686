"""What one would do without irlens: `python kernel.py` in a fresh process, here without a
GPU, so with irlens' own interception of launches, and compiled by triton.compile.

    fresh_kernel.py KERNEL.py TARGET

Prints the milliseconds that Triton itself reports from the front end to PTX; then, for each line
of its input, those of the same compilation in this process, which is warm by then.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "engine/worker"), str(ROOT / "triton")]
os.environ["TRITON_ALWAYS_COMPILE"] = "1"


def main() -> None:
    import triton
    from irlens_triton.discover.discovery import TritonDiscovery
    from irlens_triton.targets import parse_target
    from irlens_worker.script import Source, run_script
    from triton.compiler import ASTSource

    path, target = Path(sys.argv[1]), parse_target(sys.argv[2])
    source = Source(str(path), path.read_bytes())
    discovery = TritonDiscovery(source)
    with discovery.watching():
        result = run_script(source, 0, discovery.planted(), [])
    kernel = discovery.finish(result.namespace, True)[0].payload
    types = kernel.variant.specializations[target.backend]
    reported: list[float] = []

    def listen(*, times: Any, **_: Any) -> None:
        stages = dict(times.lowering_stages)
        used = times.ir_initialization + sum(stages[name] for name in ("ttir", "ttgir", "llir", "ptx"))
        reported.append(used / 1000)

    triton.knobs.compilation.listener = listen
    while True:
        compiled = ASTSource(kernel.function, types.signature, types.constants, types.attributes)
        triton.compile(compiled, target=target.to_triton(), options=dict(kernel.variant.options))
        print(reported[-1], flush=True)
        if not sys.stdin.readline():
            return


if __name__ == "__main__":
    main()

"""known.py FILE: the list has what everybody uses, with descriptions and options."""

import json
import sys
from pathlib import Path

passes = json.loads(Path(sys.argv[1]).read_text())
mlir = {one["name"]: one for one in passes["mlir"]}
llvm = {one["name"] for one in passes["llvm"]}
assert mlir["canonicalize"]["description"] == "Canonicalize operations"
assert "top-down" in {option["name"] for option in mlir["canonicalize"]["options"]}
assert all(option["description"] for option in mlir["one-shot-bufferize"]["options"])
assert {"convert-linalg-to-loops", "irlens-debug-scopes", "one-shot-bufferize"} <= mlir.keys()
assert {"instcombine", "gvn", "loop-unroll", "simplifycfg"} <= llvm
assert len(mlir) > 200 and len(llvm) > 200

"""The real lit over tests/run_lines/cases: the oracle of test_oracle.py, which runs it."""

from __future__ import annotations

import os
from typing import Any

import lit.formats

config: Any = globals()["config"]

config.name = "run_lines"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".ll"]
config.test_source_root = os.path.join(os.path.dirname(__file__), "cases")
config.test_exec_root = os.environ["IRLENS_LIT_OUTPUT"]
config.environment["PATH"] = os.pathsep.join([os.environ["IRLENS_LLVM_TOOLS"], os.environ["PATH"]])
config.available_features.add("llvm-22")

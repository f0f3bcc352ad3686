// RUN: mlir-opt %s --symbol-dce | count 2
// RUN: mlir-opt %s --symbol-dce | not count 3
// EXPECT: pass
func.func private @nobody_calls_this()

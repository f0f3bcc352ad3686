// RUN: mlir-opt %s --symbol-dce | count 3
// RUN: mlir-opt %s --symbol-dce | not count 2
// EXPECT: pass
func.func private @nobody_calls_this()

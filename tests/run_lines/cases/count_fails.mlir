// RUN: mlir-opt %s | count 7
// EXPECT: fail run 1
func.func private @there()

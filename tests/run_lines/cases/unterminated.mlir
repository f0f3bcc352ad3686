// RUN: mlir-opt %s \
// EXPECT: unresolved; irlens: not understood line 1
func.func private @there()

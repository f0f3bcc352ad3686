// RUN: mlir-opt %s & FileCheck %s
// EXPECT: unresolved; irlens: not understood line 1
// CHECK: there
func.func private @there()

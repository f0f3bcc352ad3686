// RUN: mlir-opt %{no-such-thing} | FileCheck %s
// EXPECT: fail run 1; irlens: not understood line 1
// CHECK: there
func.func private @there()

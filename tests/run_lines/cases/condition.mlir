// RUN: mlir-opt %s %if llvm-22 %{ --canonicalize %} | FileCheck %s
// EXPECT: pass; irlens: not understood line 1
// CHECK: there
func.func private @there()

// RUN: mlir-opt %s | FileCheck %s
// RUN: mlir-opt %s | grep there | FileCheck %s
// EXPECT: pass; irlens: not run line 2
// CHECK: there
func.func private @there()

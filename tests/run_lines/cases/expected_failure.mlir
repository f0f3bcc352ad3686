// XFAIL: *
// RUN: mlir-opt %s | FileCheck %s
// EXPECT: expected failure
// CHECK: not there
func.func private @there()

// RUN: mlir-opt %s | FileCheck %s
// EXPECT: fail line 6

// CHECK-LABEL: func.func private @callee
// CHECK-SAME: tensor<4xf32>
// CHECK-SAME: -> i32
func.func private @callee(tensor<4xf32>) -> i1
// A CHECK-SAME reaches no further than the line's end.
func.func private @other(tensor<4xf32>) -> i32

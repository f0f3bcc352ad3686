// RUN: mlir-opt %s | FileCheck %s
// EXPECT: pass

// CHECK-LABEL: func.func private @callee
// CHECK-SAME: tensor<4xf32>
// CHECK-SAME: -> i1
func.func private @callee(tensor<4xf32>) -> i1

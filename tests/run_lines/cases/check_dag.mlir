// RUN: mlir-opt %s --canonicalize | FileCheck %s
// EXPECT: pass

// CHECK-LABEL: func.func @pair
// CHECK-DAG: %[[SEVEN:.*]] = arith.constant 7 : i32
// CHECK-DAG: %[[FOUR:.*]] = arith.constant 4 : i32
// CHECK: return %[[FOUR]], %[[SEVEN]]
func.func @pair() -> (i32, i32) {
  %four = arith.constant 4 : i32
  %seven = arith.constant 7 : i32
  return %four, %seven : i32, i32
}

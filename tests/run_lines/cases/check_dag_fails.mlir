// RUN: mlir-opt %s --canonicalize | FileCheck %s
// EXPECT: fail line 6

// CHECK-LABEL: func.func @pair
// CHECK-DAG: arith.constant 7 : i32
// CHECK-DAG: arith.constant 5 : i32
// CHECK: return
func.func @pair() -> (i32, i32) {
  %four = arith.constant 4 : i32
  %seven = arith.constant 7 : i32
  return %four, %seven : i32, i32
}

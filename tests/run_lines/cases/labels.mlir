// RUN: mlir-opt %s | FileCheck %s
// EXPECT: fail line 10

// CHECK-LABEL: func.func @first
// CHECK: arith.constant 1
func.func @first() -> i32 {
  %c = arith.constant 1 : i32
  return %c : i32
}
// CHECK: arith.constant 2
// CHECK-LABEL: func.func @second
func.func @second() -> i32 {
  %c = arith.constant 2 : i32
  return %c : i32
}

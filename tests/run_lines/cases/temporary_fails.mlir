// RUN: mlir-opt %s --canonicalize -o %t.mlir && FileCheck %s < %t.mlir
// EXPECT: fail line 5

// CHECK-LABEL: func.func @same
// CHECK: arith.addi
func.func @same(%a: i32) -> i32 {
  %zero = arith.constant 0 : i32
  %sum = arith.addi %a, %zero : i32
  return %sum : i32
}

// RUN: mlir-opt %s | FileCheck %s
// RUN: mlir-opt %s --canonicalize | FileCheck %s --check-prefix=AFTER
// EXPECT: fail line 7

// CHECK: arith.addi
// AFTER-LABEL: func.func @same
// AFTER: arith.addi
func.func @same(%a: i32) -> i32 {
  %zero = arith.constant 0 : i32
  %sum = arith.addi %a, %zero : i32
  return %sum : i32
}

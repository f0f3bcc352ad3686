// The constant is still there: CSE alone does not fold.
// RUN: mlir-opt %s --cse | FileCheck %s
// EXPECT: fail line 6

// CHECK-LABEL: func.func @twice
// CHECK-NOT: arith.addi
// CHECK: return
func.func @twice(%a: i32) -> i32 {
  %x = arith.addi %a, %a : i32
  %y = arith.addi %a, %a : i32
  %z = arith.muli %x, %y : i32
  return %z : i32
}

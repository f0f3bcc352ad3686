// RUN: mlir-opt %s --cse | FileCheck %s
// EXPECT: pass

// CHECK-LABEL: func.func @twice
// CHECK: %[[X:.*]] = arith.addi
// CHECK-NOT: arith.addi
// CHECK: arith.muli %[[X]], %[[X]]
func.func @twice(%a: i32) -> i32 {
  %x = arith.addi %a, %a : i32
  %y = arith.addi %a, %a : i32
  %z = arith.muli %x, %y : i32
  return %z : i32
}

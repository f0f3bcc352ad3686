// What an option wants stands on no line of a CHECK.
// RUN: mlir-opt %s | FileCheck %s --implicit-check-not='arith.{{mul|add}}i'
// EXPECT: fail run 2

// CHECK: func.func @f
// CHECK: return
func.func @f(%a: i32) -> i32 {
  %c = arith.addi %a, %a : i32
  return %c : i32
}

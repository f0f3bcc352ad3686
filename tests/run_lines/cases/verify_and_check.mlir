// RUN: mlir-opt %s --canonicalize -verify-diagnostics | FileCheck %s
// EXPECT: fail line 5

// CHECK-LABEL: func.func @fine
// CHECK: arith.subi
func.func @fine(%a: i32) -> i32 {
  %c = arith.addi %a, %a : i32
  return %c : i32
}

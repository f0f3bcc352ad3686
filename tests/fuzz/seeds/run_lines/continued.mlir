// RUN: mlir-opt %s \
// RUN:   --pass-pipeline='builtin.module(func.func(canonicalize,\
// RUN: cse))' \
// RUN:   | FileCheck %s
// EXPECT: pass

// CHECK-LABEL: func.func @once
// CHECK-COUNT-1: arith.muli
// CHECK-NOT: arith.muli
func.func @once(%a: i32, %b: i32) -> (i32, i32) {
  %x = arith.muli %a, %b : i32
  %y = arith.muli %a, %b : i32
  return %x, %y : i32, i32
}

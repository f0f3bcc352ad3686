// RUN: mlir-opt %s | FileCheck %s
// EXPECT: fail line 5

// CHECK-LABEL: func.func @sum
// CHECK-COUNT-4: arith.addf
func.func @sum(%a: f32, %b: f32) -> f32 {
  %x = arith.addf %a, %b : f32
  %y = arith.addf %x, %b : f32
  %z = arith.addf %y, %b : f32
  return %z : f32
}

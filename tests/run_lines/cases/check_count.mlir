// RUN: mlir-opt %s | FileCheck %s
// EXPECT: pass

// CHECK-LABEL: func.func @sum
// CHECK-COUNT-3: arith.addf
// CHECK-NOT: arith.addf
// CHECK: return
func.func @sum(%a: f32, %b: f32) -> f32 {
  %x = arith.addf %a, %b : f32
  %y = arith.addf %x, %b : f32
  %z = arith.addf %y, %b : f32
  return %z : f32
}

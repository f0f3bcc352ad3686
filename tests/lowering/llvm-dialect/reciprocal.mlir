// The check that torch-mlir puts before a reciprocal is no error in PyTorch: it goes.
// Any other check stays.
// REQUIRES: irlens-mlir
// RUN: irlens-mlir --lower %s --to llvm-dialect | FileCheck %s

// CHECK-LABEL: llvm.func @main
// CHECK-NOT: @abort
// CHECK: llvm.fdiv
// CHECK-LABEL: llvm.func @other
// CHECK: llvm.call @abort
func.func @main(%x: f32) -> f32 {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %good = arith.cmpf one, %x, %zero : f32
  cf.assert %good, "unimplemented: tensor with zero element"
  %y = arith.divf %one, %x : f32
  return %y : f32
}

func.func @other(%good: i1) {
  cf.assert %good, "mismatched size"
  return
}

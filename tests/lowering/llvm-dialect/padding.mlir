// REQUIRES: irlens-mlir
// RUN: irlens-mlir --lower %s --to llvm-dialect | FileCheck %s

// Copies into a part of a buffer are loops, not calls of MLIR's C runtime.

// CHECK-NOT: memrefCopy
// CHECK: llvm.func @main
// CHECK: llvm.cond_br
// CHECK-NOT: memrefCopy

func.func @main(%x: tensor<2x3xf32>) -> tensor<4x5xf32> {
  %zero = arith.constant 0.0 : f32
  %y = tensor.pad %x low[1, 1] high[1, 1] {
  ^bb0(%i: index, %j: index):
    tensor.yield %zero : f32
  } : tensor<2x3xf32> to tensor<4x5xf32>
  return %y : tensor<4x5xf32>
}

// REQUIRES: irlens-mlir
// RUN: irlens-mlir --lower %s --from linalg --to llvm-dialect | FileCheck %s
// RUN: irlens-mlir --lower %s --from linalg --to gpu | FileCheck --check-prefix=GPU %s

// Arithmetic on whole tensors, as people write it by hand, is a linalg operation first.

// CHECK: llvm.func @square
// CHECK: llvm.fmul
// GPU: gpu.func @square_
// GPU: arith.mulf
func.func @square(%x: tensor<16xf32>) -> tensor<16xf32> {
  %product = arith.mulf %x, %x : tensor<16xf32>
  return %product : tensor<16xf32>
}

// REQUIRES: irlens-mlir
// RUN: irlens-mlir --lower %s --to gpu | FileCheck %s

// What reads elements that other threads make is a kernel of its own: the second matmul needs
// whole rows of the first, a transpose needs what another thread has stored. An activation is
// not computed again for each column of the matmul behind it.

// CHECK: gpu.launch_func @kernels::@main_matmul_exp_0
// CHECK: gpu.launch_func @kernels::@main_matmul_1
// CHECK: gpu.launch_func @kernels::@main_transpose_2
// CHECK-NOT: launch_func
// CHECK: gpu.func @main_matmul_1
// CHECK-NOT: math.exp
// CHECK: gpu.return

func.func @main(%x: tensor<32x32xf32>, %w: tensor<32x32xf32>) -> tensor<32x32xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<32x32xf32>
  %fill = linalg.fill ins(%zero : f32) outs(%empty : tensor<32x32xf32>) -> tensor<32x32xf32>
  %a = linalg.matmul ins(%x, %w : tensor<32x32xf32>, tensor<32x32xf32>) outs(%fill : tensor<32x32xf32>) -> tensor<32x32xf32>
  %b = linalg.exp ins(%a : tensor<32x32xf32>) outs(%empty : tensor<32x32xf32>) -> tensor<32x32xf32>
  %c = linalg.matmul ins(%b, %w : tensor<32x32xf32>, tensor<32x32xf32>) outs(%fill : tensor<32x32xf32>) -> tensor<32x32xf32>
  %d = linalg.transpose ins(%c : tensor<32x32xf32>) outs(%empty : tensor<32x32xf32>) permutation = [1, 0]
  return %d : tensor<32x32xf32>
}

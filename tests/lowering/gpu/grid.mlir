// REQUIRES: irlens-mlir
// RUN: irlens-mlir --lower %s --to gpu | FileCheck %s

// x runs over the last dimensions until a warp is full, y over those before, z over the rest;
// one dimension gets blocks of 256. Small tensors get no more threads than they have elements.

// CHECK: @kernels::@one_exp_0 blocks in (%c4, %c1, %c1) threads in (%c256, %c1, %c1)
// CHECK: @kernels::@small_exp_0 blocks in (%c1, %c1, %c1) threads in (%c5, %c1, %c1)
// CHECK: @kernels::@image_exp_0 blocks in (%c2, %c5, %c6) threads in (%c32, %c8, %c1)
// CHECK: @kernels::@patch_exp_0 blocks in (%c2, %c3, %c1) threads in (%c32, %c8, %c1)

func.func @one(%x: tensor<1000xf32>) -> tensor<1000xf32> {
  %empty = tensor.empty() : tensor<1000xf32>
  %y = linalg.exp ins(%x : tensor<1000xf32>) outs(%empty : tensor<1000xf32>) -> tensor<1000xf32>
  return %y : tensor<1000xf32>
}
func.func @small(%x: tensor<1x5xf32>) -> tensor<1x5xf32> {
  %empty = tensor.empty() : tensor<1x5xf32>
  %y = linalg.exp ins(%x : tensor<1x5xf32>) outs(%empty : tensor<1x5xf32>) -> tensor<1x5xf32>
  return %y : tensor<1x5xf32>
}
func.func @image(%x: tensor<2x3x40x40xf32>) -> tensor<2x3x40x40xf32> {
  %empty = tensor.empty() : tensor<2x3x40x40xf32>
  %y = linalg.exp ins(%x : tensor<2x3x40x40xf32>) outs(%empty : tensor<2x3x40x40xf32>) -> tensor<2x3x40x40xf32>
  return %y : tensor<2x3x40x40xf32>
}
func.func @patch(%x: tensor<4x5x7x7xf32>) -> tensor<4x5x7x7xf32> {
  %empty = tensor.empty() : tensor<4x5x7x7xf32>
  %y = linalg.exp ins(%x : tensor<4x5x7x7xf32>) outs(%empty : tensor<4x5x7x7xf32>) -> tensor<4x5x7x7xf32>
  return %y : tensor<4x5x7x7xf32>
}

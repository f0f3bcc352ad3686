// REQUIRES: irlens-mlir
// RUN: irlens-mlir --lower %s --to gpu | FileCheck %s

// A sum over everything has no parallel dimension and is a kernel all the same: its data is on
// the device. What is done with the sum goes into the same kernel.

// CHECK: gpu.launch_func @kernels::@main_sum_div_0
// CHECK-NOT: launch_func
// CHECK: gpu.func @main_sum_div_0(
// CHECK: scf.for
// CHECK: scf.for
// CHECK: arith.divf

#all = affine_map<(i, j) -> (i, j)>
#none = affine_map<(i, j) -> ()>
#scalar = affine_map<() -> ()>
func.func @main(%x: tensor<16x32xf32>) -> tensor<f32> {
  %zero = arith.constant 0.0 : f32
  %count = arith.constant 512.0 : f32
  %empty = tensor.empty() : tensor<f32>
  %fill = linalg.fill ins(%zero : f32) outs(%empty : tensor<f32>) -> tensor<f32>
  %sum = linalg.generic {indexing_maps = [#all, #none], iterator_types = ["reduction", "reduction"]}
      ins(%x : tensor<16x32xf32>) outs(%fill : tensor<f32>) {
  ^bb0(%a: f32, %s: f32):
    %t = arith.addf %a, %s : f32
    linalg.yield %t : f32
  } -> tensor<f32>
  %mean = linalg.generic {indexing_maps = [#scalar, #scalar], iterator_types = []}
      ins(%sum : tensor<f32>) outs(%empty : tensor<f32>) {
  ^bb0(%a: f32, %out: f32):
    %t = arith.divf %a, %count : f32
    linalg.yield %t : f32
  } -> tensor<f32>
  return %mean : tensor<f32>
}

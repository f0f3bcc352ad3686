// REQUIRES: irlens-mlir
// RUN: irlens-mlir --lower %s --to gpu | FileCheck %s
// RUN: irlens-mlir --lower %s --to gpu-nvptx | FileCheck --check-prefix=PTX %s

// The grid follows from sizes that the host knows at run time; a guard keeps threads beyond
// the end quiet.

// CHECK: memref.dim
// CHECK: arith.ceildiv
// CHECK: gpu.launch_func @kernels::@main_exp_0 blocks in ({{.*}}) threads in (%c32{{.*}}, %c8{{.*}}, %c1{{.*}})
// CHECK: gpu.func @main_exp_0(
// CHECK: arith.cmpi ult
// CHECK: scf.if
// CHECK: math.exp
// PTX: .visible .entry main_exp_0(

func.func @main(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c0 : tensor<?x?xf32>
  %m = tensor.dim %x, %c1 : tensor<?x?xf32>
  %empty = tensor.empty(%n, %m) : tensor<?x?xf32>
  %y = linalg.exp ins(%x : tensor<?x?xf32>) outs(%empty : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

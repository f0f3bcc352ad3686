// REQUIRES: irlens-mlir
// RUN: irlens-mlir --lower %s --to gpu | FileCheck %s

// A loop on single elements (a running sum) reads what a kernel has made: it is a kernel of one
// thread, not host code.

// CHECK: func.func @main
// CHECK: gpu.launch_func @kernels::@main_{{.*}}loop_{{[0-9]+}} blocks in (%c1{{.*}}, %c1{{.*}}, %c1{{.*}}) threads in (%c1{{.*}}, %c1{{.*}}, %c1{{.*}})
// CHECK-NOT: memref.store
// CHECK: gpu.module
// CHECK: gpu.func @main_{{.*}}loop
// CHECK: scf.for

func.func @main(%x: tensor<32xf32>) -> tensor<32xf32> {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %empty = tensor.empty() : tensor<32xf32>
  %y = linalg.exp ins(%x : tensor<32xf32>) outs(%empty : tensor<32xf32>) -> tensor<32xf32>
  %z = scf.for %i = %c1 to %c32 step %c1 iter_args(%t = %y) -> (tensor<32xf32>) {
    %before = arith.subi %i, %c1 : index
    %a = tensor.extract %t[%before] : tensor<32xf32>
    %b = tensor.extract %t[%i] : tensor<32xf32>
    %s = arith.addf %a, %b : f32
    %n = tensor.insert %s into %t[%i] : tensor<32xf32>
    scf.yield %n : tensor<32xf32>
  }
  return %z : tensor<32xf32>
}

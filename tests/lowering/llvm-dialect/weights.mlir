// REQUIRES: irlens-mlir
// RUN: irlens-mlir --lower %s --to llvm-dialect | FileCheck %s
// RUN: irlens-mlir --lower %s --to llvm-ir-opt | FileCheck --check-prefix=IR %s
// RUN: irlens-mlir --lower %s --to x86 | FileCheck --check-prefix=ASM %s

// A weight has a name and no value; it is an external symbol from here to assembly.
// Small constants keep their values. A resource that nothing uses does no harm.

// CHECK-DAG: llvm.mlir.global external constant @layer1.conv.weight()
// CHECK-DAG: llvm.mlir.global private constant @{{.*}}(dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]>
// CHECK: llvm.mlir.addressof @layer1.conv.weight
// CHECK-NOT: dense_resource
// IR: @layer1.conv.weight = external {{.*}}constant [4 x float]
// IR: define
// IR: load {{.*}}@layer1.conv.weight
// ASM: layer1.conv.weight

#id = affine_map<(d0) -> (d0)>
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  %w = arith.constant dense_resource<layer1.conv.weight> : tensor<4xf32>
  %unused = arith.constant dense_resource<layer1.unused> : tensor<8xf32>
  %c = arith.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %empty = tensor.empty() : tensor<4xf32>
  %y = linalg.generic {indexing_maps = [#id, #id, #id, #id], iterator_types = ["parallel"]}
      ins(%x, %w, %c : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) outs(%empty : tensor<4xf32>) {
  ^bb0(%a: f32, %b: f32, %d: f32, %out: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %p, %d : f32
    linalg.yield %s : f32
  } -> tensor<4xf32>
  return %y : tensor<4xf32>
}

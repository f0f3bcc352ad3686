// REQUIRES: irlens-mlir
// RUN: irlens-mlir --lower %s --to llvm-dialect | FileCheck %s

// Two weights may share a name with each other, if their types differ, or with a
// function. Weights whose values are there stay as they are.

// CHECK-DAG: @main.1() {{.*}} : !llvm.array<3 x f32>
// CHECK-DAG: @w() {{.*}} : !llvm.array<3 x f32>
// CHECK-DAG: private constant @{{.*}}(dense_resource<present> : tensor<2xf32>)

func.func @main(%i: index) -> (f32, f32, f32) {
  %a = arith.constant dense_resource<main> : tensor<3xf32>
  %b = arith.constant dense_resource<w> : tensor<3xf32>
  %c = arith.constant dense_resource<present> : tensor<2xf32>
  %x = tensor.extract %a[%i] : tensor<3xf32>
  %y = tensor.extract %b[%i] : tensor<3xf32>
  %z = tensor.extract %c[%i] : tensor<2xf32>
  return %x, %y, %z : f32, f32, f32
}

{-#
  dialect_resources: {
    builtin: {
      present: "0x040000000000803F00000040",
      never_used: "0x040000000000803F"
    }
  }
#-}

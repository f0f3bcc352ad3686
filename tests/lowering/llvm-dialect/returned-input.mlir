// An input that is returned is copied: no operation of another dialect is left of that.
// REQUIRES: irlens-mlir
// RUN: irlens-mlir --lower %s --from linalg --to llvm-dialect | FileCheck %s

func.func @main(%a: tensor<4x6xf32>) -> (tensor<4x6xf32>, tensor<4x6xf32>) {
  return %a, %a : tensor<4x6xf32>, tensor<4x6xf32>
}

// CHECK-NOT: unrealized_conversion_cast
// CHECK:     llvm.call @malloc
// CHECK:     llvm.intr.memcpy
// CHECK:     llvm.call @malloc
// CHECK:     llvm.intr.memcpy
// CHECK-NOT: bufferization
// CHECK:     llvm.return

// A dimension that splits into several of unknown size: MLIR 22's expand-strided-metadata
// crashes on it, so a pass of ours comes before. The strides are those of a contiguous tensor.
// REQUIRES: irlens-mlir
// RUN: irlens-mlir --lower %s --to llvm-dialect | FileCheck %s

// CHECK-LABEL: llvm.func @split
// CHECK: %[[STRIDE:.*]] = llvm.mul %arg8, %{{.*}} : i64
// CHECK: llvm.insertvalue %arg7, %{{.*}}[3, 0]
// CHECK: llvm.insertvalue %arg8, %{{.*}}[3, 1]
// CHECK: llvm.insertvalue %[[STRIDE]], %{{.*}}[4, 0]
// CHECK: llvm.return
func.func @split(%x: tensor<?x8xf32>, %rows: index, %columns: index) -> tensor<?x?x8xf32> {
  %0 = tensor.expand_shape %x [[0, 1], [2]] output_shape [%rows, %columns, 8] : tensor<?x8xf32> into tensor<?x?x8xf32>
  return %0 : tensor<?x?x8xf32>
}

// REQUIRES: irlens-mlir
// RUN: irlens-mlir --lower %s --to gpu > %t
// RUN: FileCheck %s < %t
// RUN: FileCheck --check-prefix=ONE %s < %t

// Initial value, matmul, bias and activation are one kernel with blocks of 32 x 8 threads. The
// sum is kept in a register, weights are named where they are read, and the transpose of the
// weight is no kernel of its own.

// CHECK: func.func @main
// CHECK: gpu.launch_func @kernels::@main_matmul_tanh_0 blocks in (%c2{{.*}}, %c3{{.*}}, %c1{{.*}}) threads in (%c32{{.*}}, %c8{{.*}}, %c1{{.*}}) args(
// CHECK: gpu.module @kernels
// CHECK: gpu.func @main_matmul_tanh_0({{.*}}) kernel attributes {known_block_size = array<i32: 32, 8, 1>, known_grid_size = array<i32: 2, 3, 1>}
// CHECK-DAG: %[[X:.*]] = gpu.thread_id x
// CHECK-DAG: memref.get_global @up.weight
// CHECK-DAG: memref.get_global @up.bias
// CHECK: scf.if
// CHECK: %[[SUM:.*]] = scf.for {{.*}} iter_args
// CHECK: scf.yield
// CHECK: math.tanh
// CHECK: memref.store
// CHECK: gpu.return
// ONE-COUNT-1: gpu.func
// ONE-NOT: gpu.func

#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>
func.func @main(%x: tensor<20x48xf32>) -> tensor<20x64xf32> {
  %weight = arith.constant dense_resource<up.weight> : tensor<64x48xf32>
  %bias = arith.constant dense_resource<up.bias> : tensor<64xf32>
  %zero = arith.constant 0.0 : f32
  %shape = tensor.empty() : tensor<48x64xf32>
  %turned = linalg.transpose ins(%weight : tensor<64x48xf32>) outs(%shape : tensor<48x64xf32>) permutation = [1, 0]
  %empty = tensor.empty() : tensor<20x64xf32>
  %fill = linalg.fill ins(%zero : f32) outs(%empty : tensor<20x64xf32>) -> tensor<20x64xf32>
  %product = linalg.matmul ins(%x, %turned : tensor<20x48xf32>, tensor<48x64xf32>)
                           outs(%fill : tensor<20x64xf32>) -> tensor<20x64xf32>
  %y = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%product, %bias : tensor<20x64xf32>, tensor<64xf32>) outs(%empty : tensor<20x64xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %sum = arith.addf %a, %b : f32
    %tanh = math.tanh %sum : f32
    linalg.yield %tanh : f32
  } -> tensor<20x64xf32>
  return %y : tensor<20x64xf32>
}

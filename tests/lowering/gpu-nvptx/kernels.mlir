// REQUIRES: irlens-mlir, triton, ptxas
// RUN: irlens-mlir --lower %s --to gpu-nvptx > %t.ptx 2> %t.words
// RUN: FileCheck %s < %t.ptx
// RUN: FileCheck --check-prefix=NOTHING --allow-empty %s < %t.words
// RUN: %ptxas -c -arch=sm_90 %t.ptx -o %t.cubin

// All kernels in one document, each an entry that ptxas takes, with plain pointers as
// parameters and its block size; weights are named; libdevice is linked; lines are kept.

// CHECK: .target sm_90
// CHECK: .extern .global {{.*}} layer_weight[
// CHECK: .visible .entry main_erf_0(
// CHECK-NEXT: .param .u64 .ptr
// CHECK-NEXT: .param .u64 .ptr
// CHECK-NEXT: )
// CHECK: tid 32, 8, 1
// CHECK: .loc {{.*}}// /lib/erf.py:12:7 @[ /ws/net.py:16:5 ]
// CHECK: .visible .entry main_matmul_1(
// CHECK: fma.rn.f32
// CHECK: .file {{.*}}erf.py"
// CHECK-NOT: {{call.*__nv_|extern.*__nv_}}
// NOTHING-NOT: ptxas

#chain = loc(callsite("/lib/erf.py":12:7 at "/ws/net.py":16:5))
func.func @main(%x: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %weight = arith.constant dense_resource<layer.weight> : tensor<64x64xf32>
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<64x64xf32>
  %fill = linalg.fill ins(%zero : f32) outs(%empty : tensor<64x64xf32>) -> tensor<64x64xf32>
  %y = linalg.erf ins(%x : tensor<64x64xf32>) outs(%empty : tensor<64x64xf32>) -> tensor<64x64xf32> loc(#chain)
  %z = linalg.matmul ins(%y, %weight : tensor<64x64xf32>, tensor<64x64xf32>) outs(%fill : tensor<64x64xf32>) -> tensor<64x64xf32>
  return %z : tensor<64x64xf32> loc("/ws/net.py":17:1)
} loc("/ws/net.py":8:1)

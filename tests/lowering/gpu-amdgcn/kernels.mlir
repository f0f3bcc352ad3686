// REQUIRES: irlens-mlir, triton
// RUN: irlens-mlir --lower %s --to gpu-amdgcn > %t.s
// RUN: FileCheck %s < %t.s
// RUN: FileCheck --check-prefix=INLINED %s < %t.s

// All kernels in one document, each with its descriptor and metadata; OCML is linked; an assert
// becomes a trap; lines are kept.

// CHECK: main_erf_0:
// CHECK: .loc {{.*}}; /lib/erf.py:12:7 @[ /ws/net.py:16:5 ]
// CHECK: .amdhsa_kernel main_erf_0
// CHECK: main_gather_1:
// CHECK: s_trap
// CHECK: .amdhsa_kernel main_gather_1
// CHECK: amdhsa.kernels:
// CHECK: .max_flat_workgroup_size: 256
// CHECK: .name: {{ *}}main_erf_0
// CHECK: .vgpr_count:
// INLINED-NOT: {{@(rel32|gotpcrel32).*(__ocml_|__oclc_|expf|erff)}}

#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
#chain = loc(callsite("/lib/erf.py":12:7 at "/ws/net.py":16:5))
func.func @main(%x: tensor<64x64xf32>, %rows: tensor<8xi64>) -> tensor<8x64xf32> {
  %empty = tensor.empty() : tensor<64x64xf32>
  %y = linalg.erf ins(%x : tensor<64x64xf32>) outs(%empty : tensor<64x64xf32>) -> tensor<64x64xf32> loc(#chain)
  %shape = tensor.empty() : tensor<8x64xf32>
  %end = arith.constant 64 : i64
  %z = linalg.generic {indexing_maps = [#row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%rows : tensor<8xi64>) outs(%shape : tensor<8x64xf32>) {
  ^bb0(%row: i64, %out: f32):
    %column = linalg.index 1 : index
    %inside = arith.cmpi slt, %row, %end : i64
    cf.assert %inside, "index must be smaller than dim size"
    %at = arith.index_cast %row : i64 to index
    %value = tensor.extract %y[%at, %column] : tensor<64x64xf32>
    linalg.yield %value : f32
  } -> tensor<8x64xf32>
  return %z : tensor<8x64xf32>
} loc("/ws/net.py":8:1)

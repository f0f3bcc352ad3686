// REQUIRES: irlens-mlir, triton, ptxas
// RUN: irlens-mlir --lower %s --to gpu-nvptx > %t.ptx
// RUN: FileCheck %s < %t.ptx
// RUN: %ptxas -c -arch=sm_90 %t.ptx -o %t.cubin

// Functions that libdevice has not and the conversion of kernels leaves: integers, half
// precision, complex numbers.

// CHECK: .visible .entry main_
// CHECK: abs.s64
// CHECK-NOT: {{call.*__nv_|extern.*__nv_}}

#id = affine_map<(i) -> (i)>
func.func @main(%x: tensor<64xi64>, %h: tensor<64xbf16>, %c: tensor<64xcomplex<f32>>)
    -> (tensor<64xi64>, tensor<64xbf16>, tensor<64xf32>) {
  %e0 = tensor.empty() : tensor<64xi64>
  %e1 = tensor.empty() : tensor<64xbf16>
  %e2 = tensor.empty() : tensor<64xf32>
  %a, %b, %d = linalg.generic {indexing_maps = [#id, #id, #id, #id, #id, #id], iterator_types = ["parallel"]}
      ins(%x, %h, %c : tensor<64xi64>, tensor<64xbf16>, tensor<64xcomplex<f32>>)
      outs(%e0, %e1, %e2 : tensor<64xi64>, tensor<64xbf16>, tensor<64xf32>) {
  ^bb0(%i: i64, %f: bf16, %z: complex<f32>, %o0: i64, %o1: bf16, %o2: f32):
    %p = math.absi %i : i64
    %q = math.exp %f : bf16
    %zz = complex.mul %z, %z : complex<f32>
    %r = complex.re %zz : complex<f32>
    linalg.yield %p, %q, %r : i64, bf16, f32
  } -> (tensor<64xi64>, tensor<64xbf16>, tensor<64xf32>)
  return %a, %b, %d : tensor<64xi64>, tensor<64xbf16>, tensor<64xf32>
}

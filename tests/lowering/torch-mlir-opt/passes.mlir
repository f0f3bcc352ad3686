// Passes in the order of the command line, each nested where it belongs; places are the input's own.
// REQUIRES: torch-mlir
// RUN: %irlens-tool torch-mlir-opt --convert-torch-to-linalg -torch-func-backend-type-conversion --canonicalize=top-down=false -o - < %s | FileCheck %s
// RUN: %irlens-tool torch-mlir-opt -pass-pipeline='builtin.module(torch-backend-to-tosa-backend-pipeline)' < %s | FileCheck %s --check-prefix=TOSA
// RUN: %irlens-tool torch-mlir-opt --canonicalize --mlir-print-ir-after-all < %s 2>&1 >/dev/null | FileCheck %s --check-prefix=SAID
func.func @main(%x: !torch.vtensor<[2,3],f32>) -> !torch.vtensor<[2,3],f32> {
  %y = torch.aten.tanh %x : !torch.vtensor<[2,3],f32> -> !torch.vtensor<[2,3],f32>
  return %y : !torch.vtensor<[2,3],f32>
}

// CHECK: #[[TANH:loc[0-9]*]] = loc("<stdin>":7:8)
// CHECK: func.func @main(%{{.*}}: tensor<2x3xf32>
// CHECK: math.tanh %{{.*}} : f32 loc(#[[TANH]])
// CHECK-NOT: torch.aten

// TOSA: tosa.tanh

// SAID: IR Dump After Canonicalizer
// SAID: torch.aten.tanh

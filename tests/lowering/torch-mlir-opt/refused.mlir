// What cannot be understood is named, with what was meant; what cannot be read stands at its place.
// REQUIRES: torch-mlir
// RUN: not %irlens-tool torch-mlir-opt --convert-torch-to-linalgs < %s 2>&1 | FileCheck %s --check-prefix=PASS
// RUN: not %irlens-tool torch-mlir-opt --canonicalize=top-dwn=true < %s 2>&1 | FileCheck %s --check-prefix=OPTION
// RUN: not %irlens-tool torch-mlir-opt --mlir-print-ir-after-al < %s 2>&1 | FileCheck %s --check-prefix=SWITCH
// RUN: not %irlens-tool torch-mlir-opt --canonicalize -o x.mlir < %s 2>&1 | FileCheck %s --check-prefix=OUTPUT
// RUN: not %irlens-tool torch-mlir-opt --torch-backend-to-linalg-on-tensors-backend-pipeline < %s 2>&1 | FileCheck %s --check-prefix=LEGAL
// RUN: sed s/torch.operator/torch.operators/ %s | not %irlens-tool torch-mlir-opt --canonicalize 2>&1 | FileCheck %s --check-prefix=PARSE
func.func @main(%x: !torch.vtensor<[2,3],f32>) -> !torch.vtensor<[2,3],f32> {
  %y = torch.operator "torch.aten.mine"(%x) : (!torch.vtensor<[2,3],f32>) -> !torch.vtensor<[2,3],f32>
  return %y : !torch.vtensor<[2,3],f32>
}

// PASS: error: torch-mlir-opt: no pass and no option 'convert-torch-to-linalgs'; did you mean convert-torch-to-linalg?
// OPTION: error: torch-mlir-opt: canonicalize has no option 'top-dwn'; did you mean top-down?
// SWITCH: did you mean mlir-print-ir-after-all?
// OUTPUT: -o x.mlir: the result is the next stage
// LEGAL: <stdin>:10:8: error: failed to legalize operation 'torch.operator'
// PARSE: <stdin>:10:8: error: {{.*}}torch.operators

; REQUIRES: irlens-mlir
; RUN: mkdir -p %t/bin
; RUN: cp %irlens-bin/irlens-mlir %t/bin/irlens-mlir
; RUN: not %t/bin/irlens-mlir --lower %s --from llvm-ir --to nvptx 2>&1 | FileCheck %s

; A copy outside the installation finds no triton: the stage says what to install.

; CHECK: nvptx: error: libdevice.10.bc is needed for __nv_expf and was not found: pip install triton

define float @main(float %x) {
  %y = call float @llvm.exp.f32(float %x)
  ret float %y
}
declare float @llvm.exp.f32(float)

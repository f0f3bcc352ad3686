; LLVM IR of any compiler enters, too.
; RUN: env XDG_CACHE_HOME=%t.cache irlens lower %s --to x86 | FileCheck %s
; CHECK-LABEL: twice:
; CHECK:       addss %xmm0, %xmm0
define float @twice(float %x) {
  %y = fadd float %x, %x
  ret float %y
}

; RUN: llc < %s -mtriple=nvptx64-nvidia-cuda -mcpu=sm_90 | FileCheck %s
; EXPECT: fail line 6

; CHECK-LABEL: .visible .func  (.param .b32 func_retval0) plus(
; CHECK: add.s32
; CHECK: sub.s32
define i32 @plus(i32 %a, i32 %b) {
  %c = add i32 %a, %b
  ret i32 %c
}

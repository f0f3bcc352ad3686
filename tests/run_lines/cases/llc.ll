; RUN: llc < %s -mtriple=x86_64-unknown-linux-gnu | FileCheck %s --check-prefixes=ALL,X86
; RUN: llc < %s -mtriple aarch64-unknown-linux-gnu -o - | FileCheck %s --check-prefixes=ALL,ARM
; EXPECT: pass

; ALL-LABEL: plus:
; X86: leal (%rdi,%rsi), %eax
; ARM: add w0, w0, w1
; ALL: ret
define i32 @plus(i32 %a, i32 %b) {
  %c = add i32 %a, %b
  ret i32 %c
}

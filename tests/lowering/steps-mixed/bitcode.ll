; REQUIRES: irlens-mlir, opt
; RUN: opt %s -o %t.bc
; RUN: irlens-mlir --steps '[{"translate": "bitcode-to-text"}]' %t.bc | FileCheck %s
; RUN: irlens-mlir --steps '[{"tool": "opt", "args": ["-O1"]}]' %t.bc | FileCheck %s
; RUN: irlens-mlir --steps '[{"command": ["opt", "-O1"]}]' --steps '[{"tool": "llc", "args": ["-mtriple=x86_64-linux-gnu"]}]' %s 2>&1 | FileCheck --check-prefixes=ASM %s
; RUN: cp %t.bc %t.file
; RUN: irlens-mlir --steps '[{"translate": "bitcode-to-text"}]' %t.file | FileCheck %s

; Bitcode enters, and what a program prints as bitcode is shown as text.

; CHECK: define {{.*}}i32 @twice(i32 %a)
; ASM: twice:

define i32 @twice(i32 %a) {
  %b = add i32 %a, %a
  ret i32 %b
}

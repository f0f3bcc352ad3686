; REQUIRES: irlens-mlir, llc
; RUN: irlens-mlir --steps '[{"tool": "llc", "args": ["-mtriple=x86_64-linux-gnu", "-stop-after=finalize-isel", "-simplify-mir", "-time-compilations=1"]}]' %s | FileCheck %s
; RUN: irlens-mlir --steps '[{"tool": "llvm-dis", "args": ["--help"]}]' %s | FileCheck --check-prefix=OTHER %s
; RUN: not irlens-mlir --steps '[{"tool": "llvm-nothing"}]' %s 2>&1 | FileCheck --check-prefix=MISSING %s
; RUN: not irlens-mlir --steps '[{"tool": "llc", "path": "/nowhere/llc"}]' %s 2>&1 | FileCheck --check-prefix=PATH %s

; An option that only the complete program has: it runs instead. So does any other tool of LLVM.

; CHECK: name: twice
; CHECK: ADD32rr
; OTHER: OVERVIEW: llvm .bc -> .ll disassembler
; MISSING: error: there is no 'llvm-nothing': neither in LLVM_BIN_PATH nor among the programs of LLVM 22
; PATH: error: '/nowhere/llc' is not installed: no such program

define i32 @twice(i32 %a) {
  %b = add i32 %a, %a
  ret i32 %b
}

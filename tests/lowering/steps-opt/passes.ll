; REQUIRES: irlens-mlir
; RUN: irlens-mlir --steps '[{"tool": "opt", "args": ["-passes=instcombine"]}]' %s | FileCheck %s
; RUN: irlens-mlir --steps '[{"tool": "opt", "args": ["-passes=print<domtree>", "-disable-output"]}]' %s 2>&1 | FileCheck --check-prefix=ANALYSIS %s
; RUN: irlens-mlir --steps '[{"tool": "opt", "args": ["-O1", "-debug-pass-manager"]}]' %s 2>&1 >/dev/null | FileCheck --check-prefix=WORDS %s
; RUN: not irlens-mlir --steps '[{"tool": "opt", "args": ["-passes=no-such-pass"]}]' %s 2>&1 | FileCheck --check-prefix=UNKNOWN %s
; RUN: not irlens-mlir --steps '[{"tool": "opt", "args": ["-passes=trigger-crash-module"]}]' %s 2>&1 | FileCheck --check-prefix=CRASH %s

; Text without -S; what an analysis prints on standard error is shown when there is nothing else.

; CHECK: ; ModuleID = '<stdin>'
; CHECK: define i32 @main()
; CHECK-NEXT: ret i32 3
; ANALYSIS: steps.0: note: opt has no output; this is what it said on standard error
; ANALYSIS: Inorder Dominator Tree
; WORDS: Running pass: {{.*}} on main
; UNKNOWN: unknown pass name 'no-such-pass'
; CRASH: steps.0: error: 'opt' crashed

define i32 @main() {
  %x = add i32 1, 2
  ret i32 %x
}

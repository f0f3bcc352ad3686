; REQUIRES: irlens-mlir
; RUN: not irlens-mlir --steps '[{"tool": "opt", "args": ["-O2"]}]' --name /ws/errors.ll %s 2>&1 | FileCheck %s

; CHECK: /ws/errors.ll:[[# @LINE + 3]]:19: steps.0: error: floating point constant invalid for type

define i32 @main() {
  %x = add i32 1, 2.0
  ret i32 %x
}

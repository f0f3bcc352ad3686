; RUN: mlir-translate --import-llvm %s | FileCheck %s
; EXPECT: pass

; CHECK: llvm.func @plus(%[[A:.*]]: i32, %[[B:.*]]: i32)
; CHECK-NEXT: llvm.add %[[A]], %[[B]]
define i32 @plus(i32 %a, i32 %b) {
  %c = add i32 %a, %b
  ret i32 %c
}

; RUN: opt -passes=mem2reg -S < %s | FileCheck %s
; EXPECT: pass

; CHECK-LABEL: define i32 @slot(
; CHECK-NEXT: ret i32 %x
define i32 @slot(i32 %x) {
  %p = alloca i32
  store i32 %x, ptr %p
  %y = load i32, ptr %p
  ret i32 %y
}

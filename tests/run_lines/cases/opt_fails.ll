; RUN: opt -passes=mem2reg -S < %s | FileCheck %s
; EXPECT: fail line 5

; CHECK-LABEL: define i32 @slot(
; CHECK: alloca i32
define i32 @slot(i32 %x) {
  %p = alloca i32
  store i32 %x, ptr %p
  %y = load i32, ptr %p
  ret i32 %y
}

; What a tool says on stderr is checked, what it makes is thrown away.
; RUN: opt -passes=loop-unroll -pass-remarks=loop-unroll -o /dev/null %s 2>&1 | FileCheck %s
; RUN: opt -passes=loop-unroll -pass-remarks=loop-unroll -S %s 2>&1 >/dev/null | FileCheck %s
; RUN: opt -passes=loop-unroll -disable-output -pass-remarks=loop-unroll %s 2>&1 | FileCheck %s
; EXPECT: pass

; CHECK: remark: {{.*}}completely unrolled loop with 4 iterations
; CHECK-NOT: define
define void @four(ptr %p) {
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %next, %loop ]
  %q = getelementptr i32, ptr %p, i64 %i
  store i32 7, ptr %q
  %next = add nuw nsw i64 %i, 1
  %done = icmp eq i64 %next, 4
  br i1 %done, label %exit, label %loop
exit:
  ret void
}

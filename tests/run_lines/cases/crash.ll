; RUN: not --crash llc -mtriple=x86_64-unknown-linux-gnu %s -o /dev/null 2>&1 | FileCheck %s
; EXPECT: pass

; CHECK: {{LLVM ERROR|Cannot select}}
declare i32 @llvm.nvvm.read.ptx.sreg.tid.x()
define i32 @thread() {
  %x = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  ret i32 %x
}

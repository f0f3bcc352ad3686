; REQUIRES: irlens-mlir
; RUN: irlens-mlir --lower %s --from llvm-ir --to llvm-ir-opt | FileCheck %s
; RUN: irlens-mlir --lower %s --from llvm-ir --to llvm-ir-opt --target llvm-ir-opt=x86-64-v3 | FileCheck --check-prefix=V3 %s

; LLVM IR as input, and the target's processor as the table or the command line has it.

; CHECK: target triple = "x86_64-unknown-linux-gnu"
; CHECK: ret i32 42
; CHECK: "target-cpu"="x86-64"
; V3: "target-cpu"="x86-64-v3"

define i32 @main() {
  %x = add i32 40, 2
  ret i32 %x
}

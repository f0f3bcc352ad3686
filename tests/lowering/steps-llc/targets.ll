; REQUIRES: irlens-mlir
; RUN: irlens-mlir --steps '[{"tool": "llc", "args": ["-mtriple=aarch64-linux-gnu"]}]' %s | FileCheck --check-prefix=ARM %s
; RUN: irlens-mlir --steps '[{"tool": "llc", "args": ["-march=nvptx64", "-mcpu=sm_90"]}]' %s | FileCheck --check-prefix=PTX %s
; RUN: irlens-mlir --steps '[{"tool": "llc", "args": ["-mtriple=riscv64-linux-gnu"]}]' %s | FileCheck --check-prefix=RISCV %s
; RUN: irlens-mlir --steps '[{"tool": "llc", "args": ["-mtriple=x86_64-linux-gnu", "-filetype=obj"]}]' %s 2>&1 | FileCheck --check-prefix=OBJECT %s
; RUN: not irlens-mlir --steps '[{"tool": "llc", "args": ["-filetype=null"]}]' %s 2>&1 | FileCheck --check-prefix=NOTHING %s
; RUN: not irlens-mlir --steps '[{"tool": "llc", "args": ["-mtriple=vax-dec-ultrix"]}]' %s 2>&1 | FileCheck --check-prefix=TARGET %s
; RUN: irlens-mlir --steps '[{"tool": "llc", "args": ["-mtriple=x86_64-linux-gnu", "-print-after=x86-isel"]}]' %s 2>&1 >/dev/null | FileCheck --check-prefix=WORDS %s

; ARM: add w0, w0, w0
; PTX: .target sm_90
; PTX: .visible .func
; RISCV: .attribute
; RISCV: ret
; OBJECT: steps.0: note: binary output of {{.*}}: its first bytes
; OBJECT: 00000000  7f 45 4c 46 {{.*}} |.ELF
; NOTHING: steps.0: error: 'llc' ended well but printed nothing
; TARGET: steps.0: error: unable to get target for 'vax-dec-ultrix'
; WORDS: IR Dump After X86 DAG->DAG Instruction Selection

define i32 @twice(i32 %a) {
  %b = add i32 %a, %a
  ret i32 %b
}

; REQUIRES: irlens-mlir
; RUN: split-file %s %t
; RUN: not irlens-mlir --lower %t/in.ll --from llvm-ir --to crash --pipelines %t/table.json >%t/out 2>%t/err
; RUN: FileCheck %s <%t/err
; RUN: FileCheck --check-prefix=LEFT %s <%t/out
; RUN: not irlens-mlir --lower %t/in.ll --from llvm-ir --to below --pipelines %t/table.json 2>&1 | FileCheck --check-prefix=BELOW %s
; RUN: not irlens-mlir --lower %t/in.ll --from llvm-ir --to unknown --pipelines %t/table.json 2>&1 | FileCheck --check-prefix=UNKNOWN %s
; RUN: not irlens-mlir --lower %t/in.ll --from llvm-ir --to cpu --pipelines %t/table.json 2>&1 | FileCheck --check-prefix=CPU %s

; A pass that crashes: cause and pass are told, and the IR that it was given is left.

; CHECK: crash: error: crashed in LLVM passes, pass {{.*}}trigger-crash-module
; LEFT: define i32 @main()
; LEFT-NEXT: ret i32 3
; BELOW: below: note: not made: crash failed
; UNKNOWN: unknown: error: the pass pipeline cannot be read: {{.*}}no-such-pass
; CPU: cpu: error: 'sm_9000' is not a processor of nvptx64-nvidia-cuda

;--- in.ll
define i32 @main() {
  %x = add i32 1, 2
  ret i32 %x
}
;--- table.json
{"origins": [{"id": "file", "worker": "mlir", "extensions": ["ll"]}],
 "stages": [
  {"id": "llvm-ir", "from": "file", "format": "llvm", "steps": [{"translate": ""}]},
  {"id": "crash", "from": "llvm-ir", "format": "llvm", "steps": [{"llvm": "function(instcombine),trigger-crash-module"}]},
  {"id": "below", "from": "crash", "format": "llvm", "steps": [{"llvm": "instcombine"}]},
  {"id": "unknown", "from": "llvm-ir", "format": "llvm", "steps": [{"llvm": "no-such-pass"}]},
  {"id": "cpu", "from": "llvm-ir", "format": "asm",
   "steps": [{"target": {"triple": "nvptx64-nvidia-cuda", "cpu": "sm_9000"}}, {"codegen": {}}]}
]}

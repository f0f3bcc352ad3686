; REQUIRES: irlens-mlir
; RUN: split-file %s %t
; RUN: not irlens-mlir --lower %t/in.ll --from llvm-ir --to nvptx-bare --pipelines %t/table.json >%t/out 2>%t/err
; RUN: FileCheck %s <%t/err
; RUN: FileCheck --check-prefix=LEFT %s <%t/out

; A code generation that dies at every level: LLVM's own words, and the LLVM IR that it
; was given. tests/faults has one that works at a lower level.

; CHECK: nvptx-bare: error: crashed in code generation, pass 'NVPTX DAG->DAG Pattern Instruction Selection' on function '@main': LLVM ERROR: Cannot select
; LEFT: define float @main(float %x)
; LEFT: @llvm.exp.f32

;--- in.ll
define float @main(float %x) {
  %y = call float @llvm.exp.f32(float %x)
  ret float %y
}
declare float @llvm.exp.f32(float)
;--- table.json
{"origins": [{"id": "file", "worker": "mlir", "extensions": ["ll"]}],
 "stages": [
  {"id": "llvm-ir", "from": "file", "format": "llvm", "steps": [{"translate": ""}]},
  {"id": "nvptx-bare", "from": "llvm-ir", "format": "asm",
   "steps": [{"target": {"triple": "nvptx64-nvidia-cuda", "cpu": "sm_90"}}, {"codegen": {"opt": 2}}]}
]}

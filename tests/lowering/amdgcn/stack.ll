; REQUIRES: irlens-mlir
; RUN: split-file %s %t
; RUN: irlens-mlir --lower %t/in.ll --from llvm-ir --to moved --pipelines %t/table.json | FileCheck %s
; RUN: irlens-mlir --lower %t/in.ll --from llvm-ir --to amdgcn | FileCheck --check-prefix=ASM %s

; Stack slots, marks of the stack and globals move to the address spaces of the target.

; CHECK: @table = external addrspace(1) constant [4 x float]
; CHECK: %[[MARK:.+]] = call ptr addrspace(5) @llvm.stacksave.p5()
; CHECK: %[[SLOT:.+]] = alloca [4 x float], align 16, addrspace(5)
; CHECK: addrspacecast ptr addrspace(5) %[[SLOT]] to ptr
; CHECK: call void @llvm.lifetime.start.p5(ptr addrspace(5) %[[SLOT]])
; CHECK: addrspacecast (ptr addrspace(1) @table to ptr)
; CHECK: call void @llvm.stackrestore.p5(ptr addrspace(5) %[[MARK]])
; ASM: scratch_store

;--- in.ll
@table = external constant [4 x float]
declare void @use(ptr)
define void @main(i64 %i) {
  %mark = call ptr @llvm.stacksave.p0()
  %slot = alloca [4 x float], align 16
  call void @llvm.lifetime.start.p0(ptr %slot)
  %from = getelementptr float, ptr @table, i64 %i
  %value = load float, ptr %from
  store float %value, ptr %slot
  call void @use(ptr %slot)
  call void @llvm.stackrestore.p0(ptr %mark)
  ret void
}
;--- table.json
{"origins": [{"id": "file", "worker": "mlir", "extensions": ["ll"]}],
 "stages": [
  {"id": "llvm-ir", "from": "file", "format": "llvm", "steps": [{"translate": ""}]},
  {"id": "moved", "from": "llvm-ir", "format": "llvm",
   "steps": [{"target": {"triple": "amdgcn-amd-amdhsa", "cpu": "gfx942"}}, {"llvm": "no-op-module"}]}
]}

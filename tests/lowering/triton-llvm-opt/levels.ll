; Triton's own LLVM optimises a text; names, linkages and attributes of what is seen outside stay.
; REQUIRES: triton
; RUN: %irlens-tool triton-llvm-opt -O3 < %s | FileCheck %s
; RUN: %irlens-tool triton-llvm-opt -passes='default<O1>' -S < %s | FileCheck %s
; RUN: not %irlens-tool triton-llvm-opt --break-struct-phi-nodes < %s 2>&1 | FileCheck %s --check-prefix=PROGRAM
; RUN: not %irlens-tool triton-llvm-opt < %s 2>&1 | FileCheck %s --check-prefix=NONE
source_filename = "mine"
target triple = "nvptx64-nvidia-cuda"

define ptx_kernel void @scale(ptr addrspace(1) %p, i32 %n) #0 {
  %twice = call i32 @double(i32 %n)
  %same = add i32 %twice, 0
  store i32 %same, ptr addrspace(1) %p
  ret void
}

define internal i32 @double(i32 %x) {
  %y = mul i32 %x, 2
  ret i32 %y
}

define weak_odr i32 @other(i32 %x) {
  %y = add i32 %x, 0
  ret i32 %y
}

attributes #0 = { "nvvm.reqntid"="128" }

; CHECK: source_filename = "mine"
; CHECK-NOT: llvm.used
; CHECK: define ptx_kernel void @scale(
; CHECK-NEXT: shl i32 %n, 1
; CHECK-NEXT: store i32
; CHECK-NOT: @double
; CHECK: define weak_odr i32 @other(
; CHECK-NEXT: ret i32 %x
; CHECK: "nvvm.reqntid"="128"

; PROGRAM: error: triton-llvm-opt: only the program knows -break-struct-phi-nodes, here are -O1, -O2 and -O3: name its folder in TRITON_OPT_PATH
; NONE: error: triton-llvm-opt: expected one of -O1, -O2 and -O3

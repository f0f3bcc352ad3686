; llvm-as and llvm-dis stand for tools that the settings name.
; RUN: llvm-as %s -o %t.bc
; RUN: llvm-dis %t.bc -o - | FileCheck %s
; RUN: llvm-as < %s | llvm-dis | FileCheck %s
; EXPECT: pass
; CHECK: declare void @there()
declare void @there()

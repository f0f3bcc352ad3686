; REQUIRES: irlens-mlir
; RUN: split-file %s %t
; RUN: irlens-mlir --check %t/syntax.ll --name /ws/s.ll | FileCheck --check-prefix=SYNTAX %s
; RUN: irlens-mlir --check %t/verifier.ll --name /ws/v.ll | FileCheck --check-prefix=VERIFIER %s
; RUN: irlens-mlir --check %t/global.ll --name /ws/g.ll | FileCheck --check-prefix=GLOBAL %s
; RUN: irlens-mlir --check %t/fine.ll | FileCheck --check-prefix=FINE %s

; SYNTAX: "end":[2,22],"frames":{{\[\[}}"/ws/s.ll",2,19]],"message":"floating point constant invalid for type"
; VERIFIER: "end":[7,{{[0-9]+}}],"frames":{{\[\[}}"/ws/v.ll",7,3]],"message":"Instruction does not dominate all uses!"
; VERIFIER-SAME: "notes":[{"frames":[],"message":"%y = add i32 1, 2"}
; GLOBAL: "frames":{{\[\[}}"/ws/g.ll",1,1]]
; FINE: {"diagnostics":[]}

;--- syntax.ll
define i32 @main() {
  %x = add i32 1, 2.0
  ret i32 %x
}
;--- verifier.ll
define i32 @main(i1 %c) {
  br i1 %c, label %a, label %b
a:
  %x = add i32 %y, 1
  br label %b
b:
  %y = add i32 1, 2
  ret i32 %y
}
;--- global.ll
@a = alias i32, ptr @b
@b = alias i32, ptr @a
;--- fine.ll
define void @main() {
  ret void
}

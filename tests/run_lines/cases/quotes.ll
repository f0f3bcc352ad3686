; RUN: opt -S -passes="function(instcombine,simplifycfg)" '%s' | FileCheck "%s" -implicit-check-not='{{(mul|sdiv)}} i32'
; EXPECT: pass

; CHECK: shl i32 %x, 3
define i32 @eight(i32 %x) {
  %y = mul i32 %x, 8
  ret i32 %y
}

; REQUIRES: irlens-mlir
; RUN: split-file %s %t
; RUN: %python %t/reference.py %t/reference.safetensors
; RUN: not irlens-mlir --lower %t/crash.ll --from llvm-ir --to check 2>&1 | FileCheck %s --check-prefix=CRASH
; RUN: not irlens-mlir --lower %t/loop.ll --from llvm-ir --to check --timeout-ms 2000 2>&1 | FileCheck %s --check-prefix=LOOP
; RUN: not irlens-mlir --lower %t/unlike.ll --from llvm-ir --to check 2>&1 | FileCheck %s --check-prefix=UNLIKE
; RUN: not irlens-mlir --lower %t/result.ll --from llvm-ir --to check 2>&1 | FileCheck %s --check-prefix=RESULT
; RUN: not irlens-mlir --lower %t/symbol.ll --from llvm-ir --to check 2>&1 | FileCheck %s --check-prefix=SYMBOL
; RUN: irlens-mlir --lower %t/right.ll --from llvm-ir --to check | FileCheck %s --check-prefix=RIGHT

; A program that crashes, does not end, or is no program for these inputs.

; CRASH: check: error: crashed in running the program: {{.+}}
; LOOP: check: error: stopped after the time limit of 2 s in running the program
; UNLIKE: check: error: @main does not take the inputs i64[]: it is i64 (float)
; RESULT: check: error: the program returns float, which is not 1 results
; SYMBOL: check: error: Symbols not found: [ no_such_function ]
; RIGHT: {{add +i64\[\] +0 +0 +equal +ok}}

;--- reference.py
import json
import sys

tensor = {"dtype": "I64", "shape": []}
details = json.dumps({"results": [{"name": "add", "random": False, "frames": []}]})
header = json.dumps(
    {
        "__metadata__": {"irlens": details},
        "argument.0": {**tensor, "data_offsets": [0, 8]},
        "result.0": {**tensor, "data_offsets": [8, 16]},
    }
).encode()
with open(sys.argv[1], "wb") as file:
    file.write(len(header).to_bytes(8, "little") + header + (3).to_bytes(8, "little") + (4).to_bytes(8, "little"))
;--- right.ll
define i64 @main(i64 %x) {
  %y = add i64 %x, 1
  ret i64 %y
}
;--- crash.ll
define i64 @main(i64 %x) {
  %p = inttoptr i64 %x to ptr
  %y = load volatile i64, ptr %p
  ret i64 %y
}
;--- loop.ll
define i64 @main(i64 %x) {
  br label %again
again:
  fence seq_cst
  br label %again
}
;--- unlike.ll
define i64 @main(float %x) {
  ret i64 0
}
;--- result.ll
define float @main(i64 %x) {
  ret float 0.0
}
;--- symbol.ll
declare i64 @no_such_function(i64)
define i64 @main(i64 %x) {
  %y = call i64 @no_such_function(i64 %x)
  ret i64 %y
}

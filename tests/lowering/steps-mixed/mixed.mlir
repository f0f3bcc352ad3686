// REQUIRES: irlens-mlir
// RUN: irlens-mlir --steps '[{"mlir": "builtin.module(canonicalize)"}]' --steps '[{"tool": "mlir-opt", "args": ["--convert-to-llvm"]}]' --steps '[{"mlir": "builtin.module(irlens-debug-scopes)"}, {"translate": "llvm-ir"}]' --steps '[{"tool": "opt", "args": ["-O2"]}]' --steps '[{"target": {"triple": "x86_64-unknown-linux-gnu", "cpu": "x86-64"}}, {"codegen": {}}]' --name /ws/mixed.mlir %s | FileCheck %s
// RUN: irlens-mlir --steps '[{"mlir": "builtin.module(canonicalize)"}, {"tool": "mlir-opt", "args": ["--convert-to-llvm"]}, {"translate": "llvm-ir"}, {"command": ["cat"]}, {"llvm": "instcombine"}, {"tool": "opt", "args": ["-passes=adce"]}]' %s | FileCheck --check-prefix=ONE %s
// RUN: not irlens-mlir --steps '[{"tool": "mlir-opt"}, {"llvm": "instcombine"}]' %s 2>&1 | FileCheck --check-prefix=FORM %s
// RUN: not irlens-mlir --steps '[{"command": ["echo", "plain words"]}, {"mlir": "builtin.module(cse)"}]' %s 2>&1 | FileCheck --check-prefix=WORDS %s

// In memory and as text, in any order, in one stage or in several; lines stay known to the end.

// CHECK: .file {{.*}}"mixed.mlir"
// CHECK: .loc {{[0-9]+}} [[# @LINE + 6]]
// ONE: define i32 @twice(i32 %0)
// FORM: error: an LLVM pipeline cannot run on MLIR
// WORDS: error: the text before this stage is neither MLIR nor LLVM IR: only tools and commands can read it

func.func @twice(%a: i32) -> i32 {
  %b = arith.addi %a, %a : i32
  return %b : i32
}

// REQUIRES: irlens-mlir
// RUN: not irlens-mlir --lower %s --to llvm-ir 2>&1 | FileCheck %s

// CHECK: parse-error.mlir:[[#@LINE+3]]:8: llvm-dialect: error: {{.*}}not.a_dialect
// CHECK: llvm-ir: note: not made: llvm-dialect failed
func.func @main(%x: f32) -> f32 {
  %y = not.a_dialect %x : f32
  return %y : f32
}

// RUN: not mlir-opt %s 2>&1 | FileCheck %s -DHERE=%(line) -DNEXT=%(line + 1)
// EXPECT: pass

// CHECK: {{.*}}.mlir:7:[[HERE]]0: error
func.func @broken() -> i32 {

  return %c : i32
}

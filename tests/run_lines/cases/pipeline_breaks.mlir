// The middle of a pipeline fails: so does the line, whatever FileCheck says.
// RUN: mlir-opt %s | mlir-translate --mlir-to-llvmir 2>/dev/null | FileCheck %s --allow-empty
// EXPECT: fail run 2

// CHECK-NOT: define
func.func @identity(%a: i32) -> i32 {
  return %a : i32
}

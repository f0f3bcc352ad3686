// REQUIRES: irlens-mlir
// RUN: not irlens-mlir --steps '[{"tool": "mlir-opt"}]' --name /ws/errors.mlir %s 2>&1 | FileCheck %s

// A message of the tool becomes a diagnostic at its place, in the file that the user knows, with
// its note. What the tool says in full is kept, too.

// CHECK: /ws/errors.mlir:14:3: steps.0: error: type of return operand 0 ('f32') doesn't match function result type ('i32') in function @wrong
// CHECK: /ws/errors.mlir:14:3: note: see current operation
// CHECK: /ws/errors.mlir:14:3: error: type of return operand
// CHECK-NEXT: return %a : f32

// -----
func.func @wrong(%a: f32) -> i32 {
  return %a : f32
}

// REQUIRES: irlens-mlir
// RUN: not irlens-mlir --steps '[{"tool": "mlir-opt"}]' --name /ws/errors.mlir %s 2>&1 | FileCheck %s
// RUN: irlens-mlir --steps '[{"tool": "mlir-opt", "args": ["--verify-diagnostics"]}]' %s 2>&1 | FileCheck --check-prefix=EXPECTED --allow-empty %s

// A message of the tool becomes a diagnostic at its place, in the file that the user knows.

// CHECK: /ws/errors.mlir:[[# @LINE + 10]]:3: steps.0: error: type of return operand 0 ('f32') doesn't match function result type ('i32') in function @wrong
// CHECK: note: see current operation
// What the tool says in full is kept, too.
// CHECK: /ws/errors.mlir:[[# @LINE + 7]]:3: error: type of return operand
// CHECK-NEXT: return %a : f32
// EXPECTED-NOT: error: type of return

func.func @wrong(%a: f32) -> i32 {
  // expected-error@+1 {{type of return operand 0}}
  return %a : f32
}

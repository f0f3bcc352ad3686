// RUN: not mlir-opt %s 2>&1 | FileCheck %s
// EXPECT: pass

// CHECK: error: use of undeclared SSA value name
func.func @broken() -> i32 {
  return %c : i32
}

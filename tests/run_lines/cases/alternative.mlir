// RUN: mlir-opt %s --no-such-option 2>/dev/null || mlir-opt %s | FileCheck %s
// EXPECT: pass; irlens rows: fail run 1

// CHECK: func.func private @there
func.func private @there()

// RUN: mlir-opt %s --no-such-option 2>/dev/null; mlir-opt %s | FileCheck %s
// RUN: mlir-opt %s > %t && FileCheck %s < %t && mlir-opt %t | FileCheck %s
// EXPECT: pass; irlens rows: fail run 1

// CHECK: func.func private @there
func.func private @there()

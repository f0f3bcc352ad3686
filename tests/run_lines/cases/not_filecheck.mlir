// RUN: mlir-opt %s | not FileCheck %s
// RUN: mlir-opt %s | not FileCheck %s --check-prefix=NOBODY-USES-THIS
// EXPECT: pass

// CHECK: func.func private @missing
func.func private @there()

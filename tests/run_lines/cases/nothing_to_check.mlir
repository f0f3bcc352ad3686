// FileCheck refuses an empty text, unless it is told that this is right.
// RUN: mlir-opt %s -o /dev/null | FileCheck %s --allow-empty
// RUN: mlir-opt %s -o /dev/null | FileCheck %s
// EXPECT: fail run 3

// CHECK-NOT: func
func.func private @there()

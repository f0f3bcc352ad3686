// RUN: mlir-opt %s | FileCheck %s
// EXPECT: pass
// CHECK: func.func private @there
func.func private @there()
// END.
// RUN: mlir-opt --this-is-not-run

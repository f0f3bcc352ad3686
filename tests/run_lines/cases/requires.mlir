// REQUIRES: llvm-22
// UNSUPPORTED: a-machine-of-tomorrow
// RUN: mlir-opt %s | FileCheck %s
// EXPECT: pass
// CHECK: func.func private @there
func.func private @there()

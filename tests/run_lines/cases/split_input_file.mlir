// RUN: mlir-opt %s -split-input-file --canonicalize | FileCheck %s
// EXPECT: pass

// CHECK-LABEL: func.func private @one
func.func private @one()
// CHECK: // -----
// -----
// CHECK-LABEL: func.func private @one
func.func private @one()

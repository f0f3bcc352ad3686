# RUN: mlir-opt -split-input-file %s | FileCheck %s
// lit finds a keyword wherever it stands: here behind a number sign.
// EXPECT: fail line 1
// CHECK: there
func.func private @there()

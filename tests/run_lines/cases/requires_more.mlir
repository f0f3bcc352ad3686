// REQUIRES: a-machine-of-tomorrow
// RUN: mlir-opt %s | FileCheck %s
// EXPECT: unsupported
func.func private @there()

// RUN: mlir-opt %s | FileCheck %s --check-prefix=TYPO
// EXPECT: fail run 1

// TPYO: func.func
func.func private @there()

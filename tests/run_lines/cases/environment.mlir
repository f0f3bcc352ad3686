// RUN: env IRLENS_NOBODY_READS_THIS=1 mlir-opt %s | env -u HOME FileCheck %s
// RUN: env A=b not mlir-opt %s --no-such-option 2>&1 | FileCheck %s --check-prefix=WRONG
// EXPECT: pass

// CHECK: func.func private @there
// WRONG: Unknown command line argument '--no-such-option'
func.func private @there()

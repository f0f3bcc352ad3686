// RUN: split-file --leading-lines %s %t
// RUN: mlir-opt %t/a.mlir -verify-diagnostics
// RUN: not mlir-opt %t/b.mlir 2>&1 | FileCheck %s -DFILE=%t/b.mlir
// EXPECT: pass

// CHECK: [[FILE]]:[[#@LINE + 8]]:{{[0-9]+}}: error: use of undeclared
//--- a.mlir
// expected-error @+1 {{use of undeclared}}
func.func @a() -> i32 { return %c : i32 }
//--- b.mlir

func.func @b() -> i32 {

  return %c : i32
}

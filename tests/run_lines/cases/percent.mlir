// RUN: mlir-opt %s | FileCheck %s -DARG=%%arg0 -DNAME=%basename_t -DSTEM=%{s:stem}
// EXPECT: pass

// CHECK: func.func @f([[ARG]]: i32)
func.func @f(%a: i32) {
  return
}

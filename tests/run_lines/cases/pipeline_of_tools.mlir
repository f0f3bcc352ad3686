// RUN: mlir-opt %s -pass-pipeline="builtin.module(convert-func-to-llvm)" \
// RUN: | mlir-translate --mlir-to-llvmir | opt -S -passes=instcombine | FileCheck %s
// EXPECT: pass

// CHECK: define i32 @identity(i32 [[A:%.*]])
// CHECK-NEXT: ret i32 [[A]]
func.func @identity(%a: i32) -> i32 {
  return %a : i32
}

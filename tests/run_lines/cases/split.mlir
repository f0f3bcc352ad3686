// RUN: split-file %s %t
// RUN: mlir-opt %t/first.mlir --canonicalize | FileCheck %t/first.mlir
// RUN: mlir-opt %t/sub/second.mlir | FileCheck %t/sub/second.mlir
// EXPECT: pass

//--- first.mlir
// CHECK: return %arg0
func.func @same(%a: i32) -> i32 {
  %zero = arith.constant 0 : i32
  %sum = arith.addi %a, %zero : i32
  return %sum : i32
}

//--- sub/second.mlir
// CHECK: func.func private @there
func.func private @there()

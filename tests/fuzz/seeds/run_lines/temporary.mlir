// RUN: mlir-opt %s --canonicalize -o %t.mlir
// RUN: FileCheck %s < %t.mlir
// RUN: FileCheck %s --input-file=%t.mlir
// RUN: mlir-opt %t.mlir --cse > %t
// RUN: FileCheck %s --input-file %t
// EXPECT: pass

// CHECK: return %arg0
func.func @same(%a: i32) -> i32 {
  %zero = arith.constant 0 : i32
  %sum = arith.addi %a, %zero : i32
  return %sum : i32
}

// Two ways through the same file.
// RUN: mlir-opt %s --canonicalize | FileCheck %s --check-prefixes=BOTH,FOLDED
// RUN: mlir-opt %s | FileCheck %s --check-prefixes BOTH,PLAIN
// EXPECT: pass

// BOTH-LABEL: func.func @same
// FOLDED-NEXT: return %arg0
// PLAIN-NEXT: arith.constant 0
// PLAIN-NEXT: arith.addi
func.func @same(%a: i32) -> i32 {
  %zero = arith.constant 0 : i32
  %sum = arith.addi %a, %zero : i32
  return %sum : i32
}

// The second time changes nothing.
// RUN: mlir-opt %s --canonicalize > %t.1
// RUN: mlir-opt %t.1 --canonicalize > %t.2
// RUN: diff %t.1 %t.2
// RUN: not diff %s %t.1
// EXPECT: pass
func.func @same(%a: i32) -> i32 {
  %zero = arith.constant 0 : i32
  %sum = arith.addi %a, %zero : i32
  return %sum : i32
}

// RUN: mlir-opt %s
// EXPECT: fail line 6

func.func @broken(%a: i32) -> i32 {
  %b = arith.addi %a, %a : i32
  return %c : i32
}

// RUN: mlir-opt %s -verify-diagnostics
// EXPECT: fail line 5

func.func @fine(%a: i32) -> i32 {
  // expected-error @+1 {{never said}}
  %c = arith.addi %a, %a : i32
  return %c : i32
}

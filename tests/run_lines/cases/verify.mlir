// RUN: mlir-opt %s -split-input-file -verify-diagnostics
// EXPECT: pass

func.func @types(%a: i32, %b: i64) -> i32 {
  // expected-note @above {{prior use here}}
  // expected-error @below {{use of value '%b' expects different type}}
  %c = arith.addi %a, %b : i32
  return %c : i32
}

// -----

func.func @unknown() {
  // expected-error-re @+1 {{operation being parsed with an {{[a-z]+}} dialect}}
  "no_such.op"() : () -> ()
  return
}

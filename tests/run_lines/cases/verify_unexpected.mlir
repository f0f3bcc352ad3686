// RUN: mlir-opt %s -split-input-file -verify-diagnostics
// EXPECT: fail line 9

func.func private @fine()

// -----

func.func @types(%a: i32) -> i64 {
  return %a : i32
}

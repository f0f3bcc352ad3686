// RUN: split-file --leading-lines %s %t
// RUN: mlir-opt %t/a.mlir -verify-diagnostics
// EXPECT: fail line 7, part a.mlir line 7

func.func private @in_no_part()
//--- a.mlir
// expected-error @+1 {{never said}}
func.func private @a()

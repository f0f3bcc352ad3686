// RUN: split-file %s %t
// EXPECT: fail run 1; irlens rows: not run line 1
func.func private @there()

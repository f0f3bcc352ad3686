// RUN: split-file %s %t
// EXPECT: fail run 1
func.func private @there()

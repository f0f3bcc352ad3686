// `not` wants an error, and there is none.
// RUN: not mlir-opt %s
// EXPECT: fail run 2
func.func private @fine()

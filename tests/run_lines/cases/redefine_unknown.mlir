// REDEFINE: %{x} = mlir-opt
// RUN: %{x} %s
// EXPECT: unresolved; irlens: not understood line 1
func.func private @there()

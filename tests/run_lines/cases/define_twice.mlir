// DEFINE: %{x} = mlir-opt
// DEFINE: %{x} = opt
// RUN: %{x} %s
// EXPECT: unresolved; irlens: not understood line 2
func.func private @there()

// DEFINE: %{prefix} = FIRST
// DEFINE: %{run} = mlir-opt %s | FileCheck %s --check-prefix=%{prefix}
// RUN: %{run}
// REDEFINE: %{prefix} = SECOND
// RUN: %{run}
// EXPECT: fail line 9

// FIRST: func.func private @there
// SECOND: func.func private @elsewhere
func.func private @there()

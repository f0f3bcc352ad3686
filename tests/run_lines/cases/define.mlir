// DEFINE: %{tool} = mlir-opt %s
// DEFINE: %{check} = FileCheck %s \
// DEFINE:   --check-prefix=%{prefix}
// The one that others use must be defined first.
// DEFINE: %{prefix-of-it} = LATER
// RUN: %{tool} --cse | FileCheck %s --check-prefix=%{prefix-of-it}
// EXPECT: pass

// LATER: func.func private @there
func.func private @there()

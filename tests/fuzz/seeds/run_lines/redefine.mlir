// DEFINE: %{pass} =
// DEFINE: %{prefix} =
// DEFINE: %{run} = mlir-opt %s %{pass} | FileCheck %s --check-prefix=%{prefix}

// REDEFINE: %{pass} = --canonicalize
// REDEFINE: %{prefix} = FOLDED
// RUN: %{run}

// REDEFINE: %{pass} = --cse
// REDEFINE: %{prefix} = KEPT
// RUN: %{run}
// EXPECT: pass

// FOLDED-NOT: arith.addi
// KEPT: arith.addi
func.func @sum() -> i32 {
  %one = arith.constant 1 : i32
  %sum = arith.addi %one, %one : i32
  return %sum : i32
}

// RUN: rm -rf %t && split-file %s %t
// RUN: mlir-opt %t/a.mlir | FileCheck %t/a.mlir
// RUN: mlir-opt %t/b.mlir | FileCheck %t/b.mlir
// EXPECT: fail line 13, part b.mlir line 3

//--- a.mlir
// CHECK: func.func private @a
func.func private @a()

//--- b.mlir
// CHECK: func.func private @b
func.func private @b()
// CHECK: func.func private @c

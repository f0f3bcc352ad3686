// RUN: cat %s | mlir-opt --canonicalize | FileCheck %s
// RUN: mkdir -p %t.dir/a && mlir-opt %s -o %t.dir/a/out.mlir && cat %t.dir/a/out.mlir | FileCheck %s --check-prefix=OUT
// EXPECT: pass

// CHECK: return %arg0
// OUT: arith.addi
func.func @same(%a: i32) -> i32 {
  %zero = arith.constant 0 : i32
  %sum = arith.addi %a, %zero : i32
  return %sum : i32
}

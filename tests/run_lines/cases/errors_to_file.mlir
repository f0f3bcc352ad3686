// RUN: not mlir-opt %s 2> %t.err
// RUN: FileCheck %s < %t.err
// RUN: not mlir-opt %s > %t.both 2>&1
// RUN: FileCheck %s --input-file=%t.both
// RUN: not mlir-opt %s &> %t.also; FileCheck %s < %t.also
// EXPECT: pass

// CHECK: error: {{.*}}operand
func.func @broken(%a: i32) {
  "arith.addi"(%a) : (i32) -> i32
  return
}

// REQUIRES: irlens-mlir
// RUN: irlens-mlir --lower %s --to llvm-dialect | FileCheck %s

// What LLVM has an intrinsic for becomes one, the rest becomes calls of libm.

// CHECK-DAG: llvm.call @erff
// CHECK-DAG: llvm.intr.exp(
// CHECK-DAG: llvm.intr.tanh(
// CHECK-NOT: unrealized_conversion_cast
// CHECK-NOT: = math.

func.func @main(%x: f32) -> f32 {
  %0 = math.erf %x : f32
  %1 = math.exp %0 : f32
  %2 = math.tanh %1 : f32
  %3 = math.rsqrt %2 : f32
  return %3 : f32
}

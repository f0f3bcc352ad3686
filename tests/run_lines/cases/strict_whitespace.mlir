// RUN: mlir-opt %s | FileCheck %s --strict-whitespace --match-full-lines
// EXPECT: fail line 7

//      CHECK:module {
// CHECK-NEXT:  func.func @f(%arg0: i32) {
// CHECK-NEXT:    return
// CHECK-NEXT:    }
func.func @f(%a: i32) {
  return
}

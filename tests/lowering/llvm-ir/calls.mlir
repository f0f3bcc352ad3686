// REQUIRES: irlens-mlir
// RUN: irlens-mlir --lower %s --to llvm-ir | FileCheck %s
// RUN: irlens-mlir --lower %s --to llvm-ir | opt -passes=verify -disable-output 2>&1 | count 0

// A call without a location between two functions with debug info gets line 0: LLVM's
// verifier drops all debug info of a module with such a call without location.

// CHECK: call float @callee({{.*}}), !dbg ![[CALL:[0-9]+]]
// CHECK: ![[CALL]] = !DILocation(line: 0

func.func private @callee(%x: f32) -> f32 {
  %y = arith.negf %x : f32 loc("/ws/net.py":3:1)
  return %y : f32 loc("/ws/net.py":3:1)
} loc("/ws/net.py":2:1)
func.func @main(%x: f32) -> f32 {
  %y = func.call @callee(%x) : (f32) -> f32 loc(unknown)
  return %y : f32 loc("/ws/net.py":6:1)
} loc("/ws/net.py":5:1)

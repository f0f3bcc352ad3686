// REQUIRES: irlens-mlir
// RUN: irlens-mlir --lower %s --to llvm-ir | FileCheck %s

// Names around locations are peeled off; of several fused chains the first counts. A
// function in another file than the op's outermost frame still has a valid scope.

// CHECK: fadd {{.*}} !dbg ![[NAMED:[0-9]+]]
// CHECK: fmul {{.*}} !dbg ![[FUSED:[0-9]+]]
// CHECK-DAG: ![[NAMED]] = !DILocation(line: 4, column: 2, scope: ![[OTHER:[0-9]+]])
// CHECK-DAG: ![[OTHER]] = distinct !DILexicalBlockFile(
// CHECK-DAG: ![[FUSED]] = !DILocation(line: 5, column: 2,

func.func @main(%x: f32, %y: f32) -> f32 {
  %a = arith.addf %x, %y : f32 loc("add_1"("/ws/other.py":4:2))
  %b = arith.mulf %a, %y : f32 loc(fused<"x">[unknown, "/ws/net.py":5:2, "/ws/net.py":6:2])
  return %b : f32
} loc("/ws/net.py":1:1)

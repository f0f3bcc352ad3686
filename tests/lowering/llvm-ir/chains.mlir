// REQUIRES: irlens-mlir
// RUN: irlens-mlir --lower %s --to llvm-dialect | FileCheck --check-prefix=MLIR %s
// RUN: irlens-mlir --lower %s --to llvm-ir | FileCheck %s
// RUN: irlens-mlir --lower %s --to llvm-ir-opt | FileCheck %s
// RUN: irlens-mlir --lower %s --to llvm-ir | opt -passes=verify -disable-output

// Three frames of an op, innermost first, survive as a chain of inlined calls.

// MLIR: #[[LINEAR:.+]] = loc("/lib/linear.py":134:7)
// MLIR: #[[CHAIN:.+]] = loc(callsite(#[[LINEAR]] at #{{.+}}))
// MLIR: llvm.fmul {{.*}} loc(#[[CHAIN]])

// CHECK: fmul float {{.*}} !dbg ![[INNER:[0-9]+]]
// CHECK: ret float {{.*}} !dbg ![[RET:[0-9]+]]
// CHECK-DAG: ![[INNER]] = !DILocation(line: 134, column: 7, scope: ![[LINEAR:[0-9]+]], inlinedAt: ![[MIDDLE:[0-9]+]])
// CHECK-DAG: ![[MIDDLE]] = !DILocation(line: 9, column: 3, scope: ![[NET:[0-9]+]], inlinedAt: ![[OUTER:[0-9]+]])
// CHECK-DAG: ![[OUTER]] = !DILocation(line: 16, column: 5, scope: ![[MAIN:[0-9]+]])
// CHECK-DAG: ![[LINEAR]] = distinct !DISubprogram(name: "linear.py", {{.*}}file: ![[LINEARFILE:[0-9]+]]
// CHECK-DAG: ![[LINEARFILE]] = !DIFile(filename: "/lib/linear.py"
// CHECK-DAG: ![[MAIN]] = distinct !DISubprogram(name: "main"
// CHECK-DAG: ![[RET]] = !DILocation(line: 17, {{.*}}scope: ![[MAIN]])

#linear = loc("/lib/linear.py":134:7)
#middle = loc("/ws/net.py":9:3)
#outer = loc("/ws/net.py":16:5)
#chain = loc(callsite(#linear at callsite(#middle at #outer)))
func.func @main(%x: f32 loc(#chain), %y: f32 loc(#chain)) -> f32 {
  %z = arith.mulf %x, %y : f32 loc(#chain)
  return %z : f32 loc("/ws/net.py":17:1)
} loc("/ws/net.py":8:1)

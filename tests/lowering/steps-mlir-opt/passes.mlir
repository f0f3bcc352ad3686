// REQUIRES: irlens-mlir
// RUN: irlens-mlir --steps '[{"tool": "mlir-opt", "args": ["--canonicalize"]}]' --name /ws/passes.mlir %s | FileCheck %s
// RUN: irlens-mlir --steps '[{"tool": "mlir-opt"}]' %s | FileCheck --check-prefix=AS-IS %s
// RUN: not irlens-mlir --steps '[{"tool": "mlir-opt", "args": ["--canonicalise"]}]' %s 2>&1 | FileCheck --check-prefix=UNKNOWN %s
// RUN: irlens-mlir --steps '[{"tool": "mlir-opt", "args": ["--pass-pipeline=builtin.module(irlens-debug-scopes)"]}]' %s | FileCheck --check-prefix=OURS %s

// The tool's text, with locations: what has none stands where it stands in the file.

// CHECK: func.func @f(%{{.*}}: i32
// CHECK-NEXT: %[[C:.*]] = arith.constant 3 : i32
// CHECK: #loc{{.*}} = loc("/ws/passes.mlir":[[# @LINE + 5]]:{{[0-9]+}})
// AS-IS: arith.addi
// UNKNOWN: steps.0: error: 'mlir-opt' ended with exit code 1: {{.*}}Unknown command line argument '--canonicalise'
// OURS: func.func @f

func.func @f(%a: i32) -> i32 {
  %one = arith.constant 1 : i32
  %two = arith.constant 2 : i32
  %three = arith.addi %one, %two : i32
  return %three : i32
}

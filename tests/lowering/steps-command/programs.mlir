// REQUIRES: irlens-mlir
// RUN: irlens-mlir --steps '[{"command": ["sed", "s/@f/@g/"]}]' %s | FileCheck %s
// RUN: irlens-mlir --steps '[{"command": ["cp", "{input}", "{output}"]}]' %s | FileCheck --check-prefix=FILES %s
// RUN: irlens-mlir --steps '[{"command": ["sh", "-c", "echo \"<stdin>:3:5: warning: odd\" >&2; cat"]}]' --name /ws/p.mlir %s 2>&1 | FileCheck --check-prefix=WARNING %s

// CHECK: func.func @g
// FILES: func.func @f
// WARNING: /ws/p.mlir:3:5: steps.0: warning: odd
// WARNING: func.func @f

func.func @f() {
  return
}

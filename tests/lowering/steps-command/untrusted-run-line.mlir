// REQUIRES: irlens-mlir
// A RUN line of a folder that nobody trusts is not run. That fails a command that asks for
// it, and no other.
// RUN: rm -rf %t && mkdir -p %t/ws
// RUN: echo '// R''UN: mlir-opt %%s' > %t/ws/f.mlir
// RUN: echo 'func.func private @f()' >> %t/ws/f.mlir
// RUN: env XDG_STATE_HOME=%t/state irlens lower %t/ws/f.mlir --store %t/store > %t/out 2> %t/err
// RUN: cat %t/out %t/err | FileCheck %s
// RUN: env XDG_STATE_HOME=%t/state not irlens lower %t/ws/f.mlir --to run-1 --store %t/store 2>&1 | FileCheck --check-prefix=ASKED %s

// CHECK: linalg {{ *}}ok
// CHECK: run-1 {{ *}}unavailable
// CHECK: nobody has trusted that folder
// ASKED: nobody has trusted that folder

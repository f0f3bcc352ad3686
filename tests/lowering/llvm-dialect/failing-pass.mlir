// REQUIRES: irlens-mlir
// RUN: not irlens-mlir --lower %s --to llvm-dialect >%t 2>%t.err
// RUN: FileCheck --check-prefix=DIAG %s <%t.err
// RUN: FileCheck --check-prefix=LEFT %s <%t

// The diagnostic names op, pass and the whole call chain; what is left to look at is
// the IR that the failing pass was given.

// DIAG: /ws/blocks.py:9:3 at /ws/net.py:16:5: llvm-dialect: error: op was not bufferized [pass one-shot-bufferize]

// LEFT: func.func @main
// LEFT: tosa.add
// LEFT: blocks.py

func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = tosa.add %x, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32> loc(callsite("/ws/blocks.py":9:3 at "/ws/net.py":16:5))
  return %y : tensor<4xf32>
}

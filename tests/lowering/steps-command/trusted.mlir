// REQUIRES: irlens-mlir
// A program that a folder names runs once somebody has trusted the folder.
// RUN: rm -rf %t && mkdir -p %t/ws && cp %s %t/ws/f.mlir
// RUN: echo '{"rows": [{"id": "renamed", "from": "linalg", "steps": [{"command": ["sed", "s/@f/@g/"]}]}]}' > %t/ws/.irlens.json
// RUN: env XDG_STATE_HOME=%t/state not irlens lower %t/ws/f.mlir --to renamed --store %t/store 2>&1 | FileCheck --check-prefix=REFUSED %s
// RUN: env XDG_STATE_HOME=%t/state irlens lower %t/ws/f.mlir --to renamed --store %t/store --trust | FileCheck %s
// RUN: env XDG_STATE_HOME=%t/state irlens lower %t/ws/f.mlir --to renamed --store %t/store --force | FileCheck %s

// REFUSED: nobody has trusted that folder
// REFUSED-NOT: func.func @g
// CHECK: func.func @g

func.func @f() {
  return
}

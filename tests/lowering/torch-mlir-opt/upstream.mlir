// The bindings have MLIR's own passes, too, which the program in the wheel lacks; and StableHLO's.
// REQUIRES: torch-mlir
// RUN: %irlens-tool torch-mlir-opt --stablehlo-legalize-to-linalg --one-shot-bufferize='bufferize-function-boundaries' --convert-linalg-to-loops < %s | FileCheck %s
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = stablehlo.add %x, %x : tensor<4xf32>
  return %y : tensor<4xf32>
}

// CHECK: func.func @main(%{{.*}}: memref<4xf32
// CHECK: scf.for
// CHECK: arith.addf

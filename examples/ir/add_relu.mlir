// A sum and a relu, each as one linalg operation: open it, and each RUN line below is a
// row of stages, one per tool, up to what FileCheck says of it.
//
// RUN: mlir-opt %s --linalg-fuse-elementwise-ops | FileCheck %s --check-prefix=FUSED
// RUN: mlir-opt %s --linalg-fuse-elementwise-ops \
// RUN:   --one-shot-bufferize="bufferize-function-boundaries" --convert-linalg-to-affine-loops \
// RUN:   --affine-loop-tile="tile-size=8" | FileCheck %s --check-prefix=TILED

#map = affine_map<(d0, d1) -> (d0, d1)>

// FUSED-LABEL: func.func @add_relu
// FUSED-COUNT-1: linalg.generic
// FUSED:           arith.addf
// FUSED-NEXT:      arith.maximumf
// FUSED-NOT:     linalg.generic

// TILED-LABEL: func.func @add_relu
// TILED:         affine.for %[[I:.*]] = 0 to 64 step 8
// TILED:           affine.for %{{.*}} = #{{.*}}(%[[I]]) to
func.func @add_relu(%a: tensor<64x64xf32>, %b: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<64x64xf32>
  %sum = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel"]}
      ins(%a, %b : tensor<64x64xf32>, tensor<64x64xf32>) outs(%empty : tensor<64x64xf32>) {
  ^bb0(%x: f32, %y: f32, %out: f32):
    %s = arith.addf %x, %y : f32
    linalg.yield %s : f32
  } -> tensor<64x64xf32>
  %relu = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]}
      ins(%sum : tensor<64x64xf32>) outs(%empty : tensor<64x64xf32>) {
  ^bb0(%x: f32, %out: f32):
    %r = arith.maximumf %x, %zero : f32
    linalg.yield %r : f32
  } -> tensor<64x64xf32>
  return %relu : tensor<64x64xf32>
}

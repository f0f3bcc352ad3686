// What torch-mlir makes of a linear layer and a relu, with the names of its files.
#map = affine_map<(d0, d1) -> (d0, d1)>
#map1 = affine_map<(d0, d1) -> (d1)>
#linear = loc("/site-packages/torch/nn/modules/linear.py":134:0)
#forward = loc("/ws/net.py":7:0)
#call = loc(callsite(#linear at #forward))
module {
  func.func @main(%arg0: tensor<4x4xf32> loc("/ws/net.py":6:2)) -> tensor<4x4xf32> {
    %cst = arith.constant 0.000000e+00 : f32 loc(unknown)
    %bias = arith.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32> loc(#call)
    %weight = arith.constant dense<2.0> : tensor<4x4xf32> loc(#call)
    %0 = tensor.empty() : tensor<4x4xf32> loc(#call)
    %transposed = linalg.transpose ins(%weight : tensor<4x4xf32>) outs(%0 : tensor<4x4xf32>) permutation = [1, 0] loc(#call)
    %1 = linalg.fill ins(%cst : f32) outs(%0 : tensor<4x4xf32>) -> tensor<4x4xf32> loc(#call)
    %2 = linalg.matmul ins(%arg0, %transposed : tensor<4x4xf32>, tensor<4x4xf32>) outs(%1 : tensor<4x4xf32>) -> tensor<4x4xf32> loc(#call)
    %3 = linalg.generic {indexing_maps = [#map, #map1, #map], iterator_types = ["parallel", "parallel"]} ins(%2, %bias : tensor<4x4xf32>, tensor<4xf32>) outs(%0 : tensor<4x4xf32>) {
    ^bb0(%in: f32 loc("/ws/net.py":7:4), %in_2: f32, %out: f32):
      %5 = arith.addf %in, %in_2 : f32 loc(#call)
      linalg.yield %5 : f32 loc(#call)
    } -> tensor<4x4xf32> loc(#call)
    %4 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]} ins(%3 : tensor<4x4xf32>) outs(%0 : tensor<4x4xf32>) {
    ^bb0(%in: f32, %out: f32):
      %5 = arith.cmpf ugt, %in, %cst : f32 loc("relu"("/ws/net.py":8:11 to :20))
      %6 = arith.select %5, %in, %cst : f32 loc(fused<"meta)">["/ws/net.py":8:11, "/ws/net.py":9:1])
      linalg.yield %6 : f32 loc("/ws/net.py":8:0)
    } -> tensor<4x4xf32> loc("/ws/net.py":8:0)
    return %4 : tensor<4x4xf32> loc("/ws/net.py":8:0)
  } loc("/ws/net.py":5:0)
} loc(unknown)

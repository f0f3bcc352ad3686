func.func @middle(%t: tensor<?x8xf32>, %at: index) -> tensor<2x4xf32> {
  %r = tensor.extract_slice %t[%at, 2] [2, 4] [1, 1] : tensor<?x8xf32> to tensor<2x4xf32>
  return %r : tensor<2x4xf32>
}

func.func @fine() {
  return
}

// -----

func.func @broken() -> f32 {
  return
}

// -----

func.func @broken_too(%t: tensor<2x?xf32>) -> tensor<*xi8> {
  return %t : tensor<2x?xf32>
}

func.func @transpose(%a: memref<8x8xf32>, %b: memref<8x8xf32>) {
  affine.for %i = 0 to 8 {
    affine.for %j = affine_map<(d0) -> (d0)>(%i) to 8 {
      %v = affine.load %a[%i, %j] : memref<8x8xf32>
      affine.store %v, %b[%j, %i] : memref<8x8xf32>
    }
  }
  return
}

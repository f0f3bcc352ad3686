func.func @f(%m: memref<4xf32>) -> f32 {
  %v = "memref.load"(%m) : (memref<4xf32>) -> f32 loc("model.py":9:1)
  return %v : f32
}

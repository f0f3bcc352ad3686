func.func @f(%m: memref<4xf32>, %i: i32) -> f32 {
  %v = "memref.load"(%m) : (memref<4xf32>) -> f32
  %w = "arith.constant"() {value = 3 : i32} : () -> f32
  return %v : f32
}
func.func @f() {
  return
}

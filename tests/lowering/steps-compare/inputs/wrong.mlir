func.func @wrong(%a: f32) -> i32 {
  %b = arith.addf %a, %a : f32
  return %b : f32
}

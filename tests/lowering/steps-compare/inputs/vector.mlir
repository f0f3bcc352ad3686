func.func @dot(%a: vector<8xf32>, %b: vector<8xf32>) -> f32 {
  %p = arith.mulf %a, %b : vector<8xf32>
  %r = vector.reduction <add>, %p : vector<8xf32> into f32
  return %r : f32
}

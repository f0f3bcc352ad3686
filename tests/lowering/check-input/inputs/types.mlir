func.func @f(%a: i32, %b: i64) {
  %c = arith.addi %a, %b : i32
  return
}

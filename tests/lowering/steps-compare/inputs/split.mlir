func.func @first() {
  return
}

// -----

func.func @second(%a: i1) -> i1 {
  %b = arith.andi %a, %a : i1
  return %b : i1
}

%1 = scf.if %c -> (i32) {
  scf.yield %0#0 : i32 loc("/a":2:1)
} else {
  scf.yield %0#1 : i32 loc("/a":3:1)
} loc("/a":1:1)
"g.op"() ({
^bb0(%x: i32 loc("/a":5:1)):
  "t.y"(%x) : (i32) -> () loc("/a":6:1)
}) {k = 1 : i32} : () -> () loc("/a":4:1)

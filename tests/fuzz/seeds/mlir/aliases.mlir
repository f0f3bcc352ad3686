#loc1 = loc("/ws/net.py":7:0)
#map = affine_map<(d0) -> (d0)>
module {
  func.func @f(%arg0: f32 loc("/ws/net.py":6:0), %arg1: f32 {a.b} loc(#loc1)) -> f32 {
    %0 = "t.op"(%arg0) {m = #map} : (f32) -> f32 loc(#loc1)
    return %0 : f32 loc(#loc)
  } loc(#loc2)
} loc(#loc)
#loc = loc(unknown)
#loc2 = loc("/ws/net.py":5:0)

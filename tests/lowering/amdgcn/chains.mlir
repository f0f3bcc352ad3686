// REQUIRES: irlens-mlir
// RUN: irlens-mlir --lower %s --to amdgcn | FileCheck %s

// The line table names files and lines, and its comments the whole call chain.

// CHECK: .file {{.*}}linear.py"
// CHECK: .loc {{.*}}134 7 {{.*}}; /lib/linear.py:134:7 @[ /ws/net.py:9:3 @[ /ws/net.py:16:5 ] ]

#linear = loc("/lib/linear.py":134:7)
#middle = loc("/ws/net.py":9:3)
#outer = loc("/ws/net.py":16:5)
#chain = loc(callsite(#linear at callsite(#middle at #outer)))
func.func @main(%x: f32 loc(#chain), %y: f32 loc(#chain)) -> f32 {
  %z = arith.mulf %x, %y : f32 loc(#chain)
  return %z : f32 loc("/ws/net.py":17:1)
} loc("/ws/net.py":8:1)

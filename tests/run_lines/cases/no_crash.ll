; An error is no crash.
; RUN: not --crash opt -S -passes=no-such-pass %s
; EXPECT: fail run 2
define void @f() {
  ret void
}

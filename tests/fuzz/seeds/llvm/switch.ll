define void @f() {
  switch i32 %x, label %a [
    i32 1, label %b
  ], !dbg !0
  invoke void @g()
          to label %a unwind label %b, !dbg !1
}

!0 = !DILocation(line: 7, scope: !2)
!1 = !DILocation(line: 8, scope: !2)
!2 = distinct !DISubprogram(name: "f", file: !3)
!3 = !DIFile(filename: "/a.py")

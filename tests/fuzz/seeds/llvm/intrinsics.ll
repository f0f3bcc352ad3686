define void @f() {
  call void @llvm.dbg.value(metadata i32 0, metadata !1, metadata !DIExpression()), !dbg !2
  tail call void @llvm.dbg.declare(metadata ptr %x, metadata !1, metadata !DIExpression()), !dbg !2
  ret void, !dbg !2
}

; Function Attrs: nounwind
declare void @llvm.dbg.value(metadata, metadata, metadata) #0

declare void @g()

!1 = !DILocalVariable(name: "x", scope: !3)
!2 = !DILocation(line: 7, column: 1, scope: !3)
!3 = distinct !DISubprogram(name: "f", file: !4)
!4 = !DIFile(filename: "/a.py", directory: "/ws")

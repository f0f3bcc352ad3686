@g = global i32 0, align 4, !dbg !0
@s = constant [11 x i8] c"x, !dbg !0\00"

define i32 @f(ptr %p) #0 !dbg !10 {
    #dbg_value(ptr %p, !12, !DIExpression(), !13)
  %1 = load i32, ptr %p, align 4, !dbg !13, !tbaa !14
  br label %2, !dbg !13, !llvm.loop !16

2:                                                ; preds = %0, !dbg !13
  ret i32 %1, !dbg !19
}

declare !dbg !10 void @h()

attributes #0 = { nounwind }

!llvm.dbg.cu = !{!2}
!llvm.module.flags = !{!5, !6}
!llvm.ident = !{!7}

!0 = !DIGlobalVariableExpression(var: !1, expr: !DIExpression())
!1 = distinct !DIGlobalVariable(name: "g", scope: !2, file: !3, line: 3)
!2 = distinct !DICompileUnit(language: DW_LANG_C11, file: !3, producer: "a, line: 9 (\22)", globals: !4)
!3 = !DIFile(filename: "f.c", directory: "/ws")
!4 = !{!0}
!5 = !{i32 2, !"Debug Info Version", i32 3}
!6 = !{i32 1, !"wchar_size", i32 4}
!7 = !{!"clang"}
!10 = distinct !DISubprogram(name: "line: 1", scope: !3, file: !3, line: 5, retainedNodes: !11)
!11 = !{!12}
!12 = !DILocalVariable(name: "p", scope: !10)
!13 = !DILocation(line: 6, column: 3, scope: !10)
!14 = !{!15, !15, i64 0}
!15 = !{!"int"}
!16 = distinct !{!16, !13, !17, !13, !18}
!17 = !{!"llvm.loop.mustprogress"}
!18 = !{!"llvm.loop.unroll.disable"}
!19 = !DILocation(line: 2, scope: !20, inlinedAt: !21)
!20 = distinct !DILexicalBlock(scope: !22, line: 1)
!21 = distinct !DILocation(line: 7, column: 4, scope: !10)
!22 = distinct !DISubprogram(name: "inner", file: !23)
!23 = !DIFile(filename: "./inc/../h.h", directory: "/ws")

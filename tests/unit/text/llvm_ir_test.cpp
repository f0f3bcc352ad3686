// The LLVM IR splitter on texts that LLVM 22 prints.
#include "tests/unit/text/split_check.h"

namespace irlens::engine {
namespace {

constexpr auto kLlvm = TextFormat::Llvm;

TEST(SplitLlvm, TakesOutDebugInfoAndRenumbersTheRest) {
  expectSplit(kLlvm,
              R"llvm(@g = global i32 0, align 4, !dbg !0
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
)llvm",
              R"llvm(@g = global i32 0, align 4
@s = constant [11 x i8] c"x, !dbg !0\00"

define i32 @f(ptr %p) #0 {
  %1 = load i32, ptr %p, align 4, !tbaa !2
  br label %2, !llvm.loop !4

2:                                                ; preds = %0, !dbg !13
  ret i32 %1
}

declare void @h()

attributes #0 = { nounwind }

!llvm.module.flags = !{!0}
!llvm.ident = !{!1}

!0 = !{i32 1, !"wchar_size", i32 4}
!1 = !{!"clang"}
!2 = !{!3, !3, i64 0}
!3 = !{!"int"}
!4 = distinct !{!4, !5, !6}
!5 = !{!"llvm.loop.mustprogress"}
!6 = !{!"llvm.loop.unroll.disable"}
)llvm",
              {"1: /ws/f.c:3:0", "4: /ws/f.c:5:0", "5: /ws/f.c:6:3",
               "6: /ws/f.c:6:3", "9: /ws/f.c:7:4>/ws/h.h:2:0",
               "12: /ws/f.c:5:0"},
              3);
}

TEST(SplitLlvm, LeavesNothingOfMetadataThatIsDebugInfoOnly) {
  expectSplit(kLlvm,
              R"llvm(define void @f() !dbg !3 {
  ret void, !dbg !4
}

!llvm.dbg.cu = !{!0}
!llvm.module.flags = !{!2}

!0 = distinct !DICompileUnit(language: DW_LANG_C, file: !1)
!1 = !DIFile(filename: "<unknown>", directory: "")
!2 = !{i32 2, !"Debug Info Version", i32 3}
!3 = distinct !DISubprogram(name: "f", file: !5, line: 1)
!4 = !DILocation(line: 7, scope: !3)
!5 = !DIFile(filename: "net.py", directory: "/ws")
)llvm",
              R"llvm(define void @f() {
  ret void
}
)llvm",
              {"1: /ws/net.py:1:0", "2: /ws/net.py:7:0"}, 1);
}

TEST(SplitLlvm, KeepsTextsWithoutDebugInfoAsTheyAre) {
  constexpr std::string_view text = R"llvm(define void @f() {
  %x = load i32, ptr null, !range !7
  ret void
}

!7 = !{i32 0, i32 2}
!9 = !{!"nobody needs me"}
)llvm";
  expectSplit(kLlvm, text, text, {}, 2);
}

TEST(SplitLlvm, TakesOutTheOlderIntrinsics) {
  expectSplit(kLlvm,
              R"llvm(define void @f() {
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
)llvm",
              R"llvm(define void @f() {
  ret void
}

declare void @g()
)llvm",
              {"2: /a.py:7:1"}, 1);
}

TEST(SplitLlvm, LoopsThatAreOnlyAPlaceLoseTheirMetadata) {
  SplitText result = split(kLlvm, R"llvm(define void @f() {
  br label %1, !llvm.loop !0
}

!0 = distinct !{!0, !1, !1}
!1 = !DILocation(line: 7, column: 1, scope: !2)
!2 = distinct !DISubprogram(name: "f")
)llvm");
  EXPECT_EQ(result.text, "define void @f() {\n  br label %1\n}\n");
}

TEST(SplitLlvm, InstructionsOverSeveralLinesAreOne) {
  expectSplit(kLlvm,
              R"llvm(define void @f() {
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
)llvm",
              R"llvm(define void @f() {
  switch i32 %x, label %a [
    i32 1, label %b
  ]
  invoke void @g()
          to label %a unwind label %b
}
)llvm",
              {"2: /a.py:7:0", "4: /a.py:7:0", "5: /a.py:8:0", "6: /a.py:8:0"},
              2);
}

TEST(SplitLlvm, ShortensBigConstants) {
  std::string bytes;
  std::string numbers;
  for (int i = 0; i < 300; ++i) {
    bytes += "\\0A";
    numbers += (i ? ", " : "") + std::string("float 1.000000e+00");
  }
  std::string document =
      split(kLlvm, "@a = constant [300 x i8] c\"" + bytes + "\", align 16\n" +
                       "@b = constant [300 x float] [" + numbers + "]\n" +
                       "@c = constant <300 x float> <" + numbers + ">\n" +
                       "@d = constant [2 x float] [float 1.0, float 2.0]\n")
          .text;
  EXPECT_NE(document.find("...(900 bytes)\", align 16\n"), std::string::npos)
      << document;
  EXPECT_NE(document.find("float 1.000000e+00, ...(300 elements)]\n"),
            std::string::npos)
      << document;
  EXPECT_NE(document.find("...(300 elements)>\n"), std::string::npos)
      << document;
  EXPECT_NE(document.find("[float 1.0, float 2.0]"), std::string::npos);
  EXPECT_LT(document.size(), 800u);
}

TEST(SplitLlvm, InlinedChainsThatNeverEndAreCut) {
  SplitText result =
      split(kLlvm, "  ret void, !dbg !0\n"
                   "!0 = !DILocation(line: 7, scope: !1, inlinedAt: !0)\n"
                   "!1 = !DISubprogram(file: !2, scope: !1)\n"
                   "!2 = !DIFile(filename: \"/a.py\")\n");
  EXPECT_EQ(result.links.chains(1).size(), 1u);
}

} // namespace
} // namespace irlens::engine

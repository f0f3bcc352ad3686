// The MLIR splitter on texts that compilers print, and on some they do not.
#include "tests/unit/text/split_check.h"

namespace irlens::engine {
namespace {

constexpr auto kMlir = TextFormat::Mlir;

TEST(SplitMlir, TakesOutLocationsAndTheirAliases) {
  expectSplit(kMlir,
              R"mlir(#loc1 = loc("/ws/net.py":7:0)
#map = affine_map<(d0) -> (d0)>
module {
  func.func @f(%arg0: f32 loc("/ws/net.py":6:0), %arg1: f32 {a.b} loc(#loc1)) -> f32 {
    %0 = "t.op"(%arg0) {m = #map} : (f32) -> f32 loc(#loc1)
    return %0 : f32 loc(#loc)
  } loc(#loc2)
} loc(#loc)
#loc = loc(unknown)
#loc2 = loc("/ws/net.py":5:0)
)mlir",
              R"mlir(#map = affine_map<(d0) -> (d0)>
module {
  func.func @f(%arg0: f32, %arg1: f32 {a.b}) -> f32 {
    %0 = "t.op"(%arg0) {m = #map} : (f32) -> f32
    return %0 : f32
  }
}
)mlir",
              {"3: /ws/net.py:5:0", "4: /ws/net.py:7:0", "6: /ws/net.py:5:0"},
              4);
}

TEST(SplitMlir, OperationsWithRegionsLinkTheirFirstAndLastLine) {
  expectSplit(kMlir,
              R"mlir(%1 = scf.if %c -> (i32) {
  scf.yield %0#0 : i32 loc("/a":2:1)
} else {
  scf.yield %0#1 : i32 loc("/a":3:1)
} loc("/a":1:1)
"g.op"() ({
^bb0(%x: i32 loc("/a":5:1)):
  "t.y"(%x) : (i32) -> () loc("/a":6:1)
}) {k = 1 : i32} : () -> () loc("/a":4:1)
)mlir",
              R"mlir(%1 = scf.if %c -> (i32) {
  scf.yield %0#0 : i32
} else {
  scf.yield %0#1 : i32
}
"g.op"() ({
^bb0(%x: i32):
  "t.y"(%x) : (i32) -> ()
}) {k = 1 : i32} : () -> ()
)mlir",
              {"1: /a:1:1", "2: /a:2:1", "4: /a:3:1", "5: /a:1:1", "6: /a:4:1",
               "7: /a:5:1", "8: /a:6:1", "9: /a:4:1"},
              5);
}

TEST(SplitMlir, OperationsOverSeveralLinesAreOne) {
  expectSplit(
      kMlir,
      R"mlir(cf.switch %f : i32, [
  default: ^bb1,
  42: ^bb2
] loc("/a":1:1)
scf.index_switch %i
case 2 {
  scf.yield loc("/a":3:1)
}
default {
} loc("/a":2:1)
)mlir",
      R"mlir(cf.switch %f : i32, [
  default: ^bb1,
  42: ^bb2
]
scf.index_switch %i
case 2 {
  scf.yield
}
default {
}
)mlir",
      {"1: /a:1:1", "4: /a:1:1", "5: /a:2:1", "7: /a:3:1", "10: /a:2:1"}, 3);
}

TEST(SplitMlir, CallSitesAndFusedLocationsAreChains) {
  expectSplit(
      kMlir,
      R"mlir(a.a loc(callsite("/in.py":1:2 at callsite("/mid.py":3:4 at "/out.py":5:6)))
a.b loc(callsite(callsite("/in.py":1:2 at "/mid.py":3:4) at "/out.py":5:6))
a.c loc(fused<"meta)">["/a.py":1:1, "n"("/b.py":2:2), unknown, "bare name"])
a.d loc(fused["/a.py":1:1, callsite(fused["/b.py":2:2, "/c.py":3:3] at "/d.py":4:4)])
a.e loc("q\22)(":3:4)
a.f loc("/a.py":1:2 to 3:4)
a.g loc("/a.py":1:2 to :4)
a.h loc("-":1:2)
a.i loc(callsite(unknown at "/a.py":1:1))
)mlir",
      "a.a\na.b\na.c\na.d\na.e\na.f\na.g\na.h\na.i\n",
      {"1: /out.py:5:6>/mid.py:3:4>/in.py:1:2",
       "2: /out.py:5:6>/mid.py:3:4>/in.py:1:2", "3: /a.py:1:1 /b.py:2:2",
       "4: /a.py:1:1 /d.py:4:4>/b.py:2:2 /d.py:4:4>/c.py:3:3", "5: q\")(:3:4",
       "6: /a.py:1:2", "7: /a.py:1:2", "9: /a.py:1:1"},
      9);
}

TEST(SplitMlir, AttributesAndStringsKeepTheirLocations) {
  constexpr std::string_view text = R"mlir(#loc = loc("/a":1:1)
module attributes {t.a = "x loc(y)", t.b = loc("/b":1:2)} {
  "t.y"() {l = #loc, m = [loc("/c":1:1), loc("/d":1:1)]} : () -> ()
  // says loc("/e":1:1)
}
)mlir";
  expectSplit(kMlir, text, text, {}, 2);
}

TEST(SplitMlir, AliasesThatOnlyLocationsNeedGo) {
  expectSplit(kMlir,
              R"mlir(#di_file = #llvm.di_file<"net.py" in "/ws">
#sub = #llvm.di_subprogram<file = #di_file>
#kept = #t.attr<#inner>
#inner = #t.attr<1>
#loc1 = loc(fused<#sub>["/a":1:1])
t.a {k = #kept} loc(#loc1)
t.b loc(fused<#inner>["/a":2:1])
)mlir",
              R"mlir(#kept = #t.attr<#inner>
#inner = #t.attr<1>
t.a {k = #kept}
t.b
)mlir",
              {"3: /a:1:1", "4: /a:2:1"}, 2);
}

TEST(SplitMlir, AliasesThatMeanEachOtherHaveNoPlace) {
  expectSplit(kMlir,
              "#loc = loc(callsite(#loc1 at #loc))\n"
              "#loc1 = loc(#loc)\n"
              "t.a loc(#loc)\n",
              "t.a\n", {}, 1);
}

TEST(SplitMlir, ShortensBigConstants) {
  std::string hex(2000, 'A');
  std::string ones;
  for (int i = 0; i < 500; ++i)
    ones += (i ? ", " : "") + std::string("1.0");
  auto document =
      split(kMlir,
            "%a = t.c dense<\"0x" + hex + "\"> : tensor<250xf32>\n" +
                "%b = t.c dense<[[" + ones + "]]> : tensor<1x500xf32>\n" +
                "%c = t.c array<i64: 1, 2> {s = !llvm.array<2 x i64>}\n" +
                "{-#\n  dialect_resources: {\n    builtin: {\n" +
                "      w: \"0x" + hex + "\"\n    }\n  }\n#-}\n")
          .text;
  EXPECT_NE(document.find("dense<\"0xAAAAAAAAAAAAAAAA...(1000 bytes)\">"),
            std::string::npos)
      << document;
  EXPECT_NE(document.find("1.0, ...(500 elements)]]> : tensor<1x500xf32>"),
            std::string::npos)
      << document;
  EXPECT_NE(document.find("array<i64: 1, 2> {s = !llvm.array<2 x i64>}"),
            std::string::npos);
  EXPECT_NE(document.find("w: \"0xAAAAAAAAAAAAAAAA...(1000 bytes)\""),
            std::string::npos)
      << document;
}

TEST(SplitMlir, TakesTextsThatEndAnywhere) {
  std::string whole = R"mlir(#loc = loc("/a":1:1)
t.a {x = "b loc(#loc)"} loc(fused<#m>[#loc, callsite("/b":1:2 at #loc)]) loc(")mlir";
  for (std::size_t size = 0; size <= whole.size(); ++size)
    EXPECT_LE(split(kMlir, whole.substr(0, size)).text.size(), size);
}

TEST(SplitMlir, IsLinearOnNestedNonsense) {
  std::string raw = "t.a";
  for (int i = 0; i < 100'000; ++i)
    raw += " loc(";
  EXPECT_EQ(split(kMlir, raw).text, raw);
  std::string closed = raw + std::string(100'000, ')') + " x";
  EXPECT_EQ(split(kMlir, closed).text, closed);
}

} // namespace
} // namespace irlens::engine

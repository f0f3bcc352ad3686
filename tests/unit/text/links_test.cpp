// The link table: chains, the way to the source and back, its JSON.
#include "engine/links/links.h"

#include <gtest/gtest.h>

namespace irlens::engine {
namespace {

constexpr std::string_view kLinear =
    "/ws/.venv/lib/python3.11/site-packages/torch/nn/modules/linear.py";

TEST(IsLibraryFile, KnowsWhereTheUserDidNotWrite) {
  EXPECT_TRUE(isLibraryFile(kLinear));
  EXPECT_TRUE(isLibraryFile("/usr/lib/python3/dist-packages/numpy/core.py"));
  EXPECT_TRUE(isLibraryFile("/usr/lib/python3.11/functools.py"));
  EXPECT_TRUE(isLibraryFile("<eval_with_key>.7"));
  EXPECT_FALSE(isLibraryFile("/ws/net.py"));
  EXPECT_FALSE(isLibraryFile("/ws/lib/python3.py"));
  EXPECT_FALSE(isLibraryFile("/ws/site-packages.py"));
}

LinkTable::FrameId chain(LinkTable &table) {
  return table.addChain(
      {{std::string(kLinear), 134, 16}, {"/ws/net.py", 7, 9}});
}

TEST(LinkTable, ChainsGoFromTheOutermostFrameInwards) {
  LinkTable table;
  table.link(3, chain(table));
  auto chains = table.chains(3);
  ASSERT_EQ(chains.size(), 1u);
  ASSERT_EQ(chains[0].size(), 2u);
  EXPECT_EQ(chains[0][0], (SourcePos{"/ws/net.py", 7, 9}));
  EXPECT_EQ(chains[0][1], (SourcePos{std::string(kLinear), 134, 16}));
  EXPECT_TRUE(table.chains(2).empty());
}

TEST(LinkTable, SourceIsTheOutermostFrameOfTheUser) {
  LinkTable table;
  auto main = table.addFrame("/usr/lib/python3.11/runpy.py", 88, 1);
  auto user = table.addFrame("/ws/net.py", 7, 9, main);
  auto helper = table.addFrame("/ws/blocks.py", 4, 1, user);
  table.link(1, table.addFrame(kLinear, 134, 1, helper));
  EXPECT_EQ(table.source(1), (SourcePos{"/ws/net.py", 7, 9}));
}

TEST(LinkTable, SourceIsTheOutermostFrameWhenNoneIsTheUsers) {
  LinkTable table;
  auto outer = table.addFrame("/usr/lib/python3.11/runpy.py", 88, 1);
  table.link(1, table.addFrame(kLinear, 134, 1, outer));
  EXPECT_EQ(table.source(1).line, 88);
  EXPECT_EQ(table.source(2), SourcePos{});
}

TEST(LinkTable, SourcePrefersAChainThatHasAUsersFrame) {
  LinkTable table;
  table.link(1, table.addFrame(kLinear, 134, 1));
  table.link(1, table.addFrame("/ws/net.py", 7, 1));
  EXPECT_EQ(table.source(1).file, "/ws/net.py");
}

TEST(LinkTable, FindsIrLinesAtAnyDepth) {
  LinkTable table;
  auto user = table.addFrame("/ws/net.py", 7, 9);
  auto inner = table.addFrame(kLinear, 134, 1, user);
  table.link(9, inner);
  table.link(2, user);
  table.link(4, table.addFrame("/ws/net.py", 8, 1));
  table.link(2, inner);
  EXPECT_EQ(table.irLines("/ws/net.py", 7), (std::vector{2, 9}));
  EXPECT_EQ(table.irLines(kLinear, 134), (std::vector{2, 9}));
  EXPECT_TRUE(table.irLines("/ws/net.py", 9).empty());
  EXPECT_TRUE(table.irLines("/ws/other.py", 7).empty());
}

TEST(LinkTable, EqualFramesAreOne) {
  LinkTable table;
  EXPECT_EQ(chain(table), chain(table));
  table.link(1, chain(table));
  table.link(1, chain(table));
  EXPECT_EQ(table.chains(1).size(), 1u);
}

TEST(LinkTable, RebasePutsAChainUnderACaller) {
  LinkTable table;
  auto inner = table.addChain({{"/b.py", 2, 1}, {"/a.py", 1, 1}});
  auto caller = table.addFrame("/ws/net.py", 7, 1);
  table.link(1, table.rebase(inner, caller));
  auto chains = table.chains(1);
  ASSERT_EQ(chains[0].size(), 3u);
  EXPECT_EQ(chains[0][0].file, "/ws/net.py");
  EXPECT_EQ(chains[0][1].file, "/a.py");
  EXPECT_EQ(chains[0][2].file, "/b.py");
}

TEST(LinkTable, JsonSaysTheSame) {
  LinkTable table;
  table.link(5, chain(table));
  table.link(6, table.addFrame("/ws/\"odd\" \xff.py", 1, 0));
  auto again = LinkTable::fromJson(table.toJson());
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->chains(5), table.chains(5));
  EXPECT_EQ(again->chains(6)[0][0].line, 1);
}

TEST(LinkTable, JsonMayNameCallersLater) {
  auto table = LinkTable::fromJson(
      R"({"files":["/a.py","/b.py"],"frames":[[1,2,3,1],[0,7,1,-1]],"lines":[[4,0]]})");
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_EQ(table->source(4), (SourcePos{"/a.py", 7, 1}));
}

TEST(ErasedLines, RawLinesAreDocumentLinesWithoutTheErased) {
  ErasedLines erased;
  for (int line : {1, 4, 5, 5, 9})
    erased.erase(line);
  std::vector<int> document;
  for (int raw = 1; raw <= 11; ++raw)
    document.push_back(erased.documentLine(raw));
  EXPECT_EQ(document, (std::vector{0, 1, 2, 0, 0, 3, 4, 5, 0, 6, 7}));
  std::vector<int> raw;
  for (int line = 0; line <= 7; ++line)
    raw.push_back(erased.rawLine(line));
  EXPECT_EQ(raw, (std::vector{0, 2, 3, 6, 7, 8, 10, 11}));
  EXPECT_EQ(ErasedLines().documentLine(7), 7);
  erased.add(1);
  EXPECT_EQ(erased.documentLine(6), 4);
  EXPECT_EQ(erased.rawLine(4), 6);
  EXPECT_EQ(erased.rawLine(1), 0);
}

TEST(Origins, LeadBothWays) {
  LinkTable table;
  for (auto [line, raw] : {std::pair(3, 40), {2, 40}, {3, 12}, {3, 40}})
    table.origins().add(line, raw);
  EXPECT_EQ(table.origins().rawLinesOf(3), (std::vector{12, 40}));
  EXPECT_EQ(table.origins().linesOf(40), (std::vector{2, 3}));
  EXPECT_TRUE(table.origins().rawLinesOf(4).empty());
  EXPECT_EQ(table.shifted(1).origins().rawLinesOf(4), (std::vector{12, 40}));
}

TEST(LinkTable, JsonSaysTheLinesOfTheStageBefore) {
  LinkTable table;
  ErasedLines erased;
  for (int line : {2, 3, 7})
    erased.erase(line);
  table.setErased(erased);
  table.origins().add(1, 4);
  table.origins().add(1, 5);
  std::string json = table.shifted(1).toJson();
  EXPECT_EQ(json, R"({"files":[],"frames":[],"lines":[],"from":[[2,4,5]],)"
                  R"("erased":[[2,3],[7,7]],"added":1})");
  auto again = LinkTable::fromJson(json);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->origins().linesOf(5), std::vector{2});
  EXPECT_EQ(again->erased().documentLine(8), 6);
  EXPECT_EQ(again->toJson(), json);
}

TEST(LinkTable, WhatIsOddInTheLinesOfTheStageBeforeIsLeftOut) {
  auto read = [](std::string_view more) {
    return LinkTable::fromJson(
        R"({"files":["/a.py"],"frames":[[0,7,1,-1]],"lines":[[4,0]],)" +
        std::string(more) + "}");
  };
  auto table =
      read(R"("from":[[1,2],[3],[],5,["4",4],[0,3],[5,-1,6,1e9,99999999999]],)"
           R"("erased":[[2,2],[1,1],[5,4],[7],"x",[8,9]],"added":-3)");
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_EQ(table->source(4).line, 7);
  EXPECT_EQ(table->origins().toJson(), R"(,"from":[[1,2],[5,6]])");
  EXPECT_EQ(table->erased().toJson(), R"(,"erased":[[2,2],[8,9]])");
  for (const char *odd : {R"("from":5)", R"("from":{"1":2},"erased":null)"}) {
    table = read(odd);
    ASSERT_TRUE(table) << odd;
    EXPECT_TRUE(table->origins().empty());
    // Nothing is known of what the document lacks.
    EXPECT_EQ(table->erased().documentLine(4), 0);
    EXPECT_EQ(table->erased().rawLine(4), 0);
  }
}

TEST(LinkTable, RefusesJsonThatMakesNoSense) {
  for (const char *text :
       {"", "[]", "{}", R"({"files":[],"frames":[[0,1,1,-1]],"lines":[]})",
        R"({"files":["a"],"frames":[[0,1,1,0]],"lines":[]})",
        R"({"files":["a"],"frames":[[0,1,1,1],[0,2,1,0]],"lines":[]})",
        R"({"files":["a"],"frames":[[0,1,1,-1]],"lines":[[1,1]]})",
        R"({"files":["a"],"frames":[[0,"x",1,-1]],"lines":[]})"})
    EXPECT_FALSE(LinkTable::fromJson(text)) << text;
}

} // namespace
} // namespace irlens::engine

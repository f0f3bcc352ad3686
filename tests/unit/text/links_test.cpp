// The link table: chains, the way to the source and back, its JSON.
#include "engine/links.h"

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

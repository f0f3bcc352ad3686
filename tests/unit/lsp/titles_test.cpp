// What lenses say, and which lines of a file have one before its first run.
#include "lsp/features/code_lens.h"
#include "lsp/features/navigation.h"
#include "lsp/features/titles.h"

#include <gtest/gtest.h>

namespace irlens::lsp {
namespace {

TEST(Titles, Numbers) {
  EXPECT_EQ(formatTime(0.42), "0.4 ms");
  EXPECT_EQ(formatTime(12.3), "12 ms");
  EXPECT_EQ(formatTime(999.7), "1.0 s");
  EXPECT_EQ(formatCount(512), "512");
  EXPECT_EQ(formatCount(999'999), "1.0 M");
  EXPECT_EQ(formatCount(11'689'512), "11.7 M");
  EXPECT_EQ(formatCount(7'000'000'000), "7.0 G");
}

TEST(Titles, ShortenKeepsCharactersWhole) {
  EXPECT_EQ(shorten("first\nsecond", 20), "first");
  EXPECT_EQ(shorten("abcdef", 3), "abc…");
  EXPECT_EQ(shorten("ab\xE6\xBC\xA2z", 4), "ab…");
}

TEST(Titles, Stages) {
  engine::Stage stage;
  stage.id = stage.base = "linalg";
  engine::StageState state;
  EXPECT_EQ(stageTitle(stage, nullptr), "linalg");
  EXPECT_EQ(stageTitle(stage, &state), "linalg");
  state.status = engine::StageStatus::Pending;
  EXPECT_EQ(stageTitle(stage, &state), "linalg …");
  state.status = engine::StageStatus::Ok;
  state.ms = 12;
  auto artifact = std::make_shared<engine::Artifact>();
  artifact->operations = 45;
  state.good = artifact;
  EXPECT_EQ(stageTitle(stage, &state), "linalg · 45 ops");
  state.ms = 1234;
  EXPECT_EQ(stageTitle(stage, &state), "linalg · 45 ops · 1.2 s");
  artifact->headline = "28 registers";
  EXPECT_EQ(stageTitle(stage, &state), "linalg · 28 registers · 1.2 s");
  state.status = engine::StageStatus::Failed;
  EXPECT_EQ(stageTitle(stage, &state), "linalg ✗ failed");
  state.diagnostics.push_back(
      {engine::Severity::Error, "failed to legalize", "linalg", "", {}, {}});
  EXPECT_EQ(stageTitle(stage, &state), "linalg ✗ failed to legalize");
  state.diagnostics[0].op = "torch.aten.foo";
  EXPECT_EQ(stageTitle(stage, &state), "linalg ✗ torch.aten.foo");
}

TEST(ExplorationLines, WhatCounts) {
  EXPECT_EQ(explorationLines("import torch\n"
                             "__explore__(Net(), x)\n"
                             "  if a: __explore__(b)\n"
                             "# __explore__(no)\n"
                             "# irlens: Net()(x)\n"
                             "x = 1 # irlens: f(x)\n"
                             "# irlens: target=sm_90 stages=linalg\n"
                             "# irlens:\n"
                             "def __explore__(model): pass\n"
                             "#irlens: g(x=1)\n"),
            (std::vector<int>{2, 3, 5, 6, 10}));
}

TEST(MergeLines, NeighboursBecomeOneRange) {
  using Runs = std::vector<std::pair<int, int>>;
  EXPECT_EQ(mergeLines({}), Runs{});
  EXPECT_EQ(mergeLines({1, 2, 3, 7, 9, 10}), (Runs{{1, 3}, {7, 7}, {9, 10}}));
}

} // namespace
} // namespace irlens::lsp

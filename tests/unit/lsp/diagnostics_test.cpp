// What runs say about the user's code: where it stands, and when it goes.
#include "tests/unit/lsp/feature_fixture.h"

namespace irlens::lsp::test {
namespace {

TEST_F(FeatureTest, FailuresAreToldOnTheUsersLine) {
  initialize();
  lower("a.py", "x = '\xF0\x9F\x98\x80'\n" + std::string(kModel) +
                    "y = f(x)  # fake: fail linalg\n");
  Json diagnostics = diagnosticsOf("a.py");
  ASSERT_EQ(diagnostics.size(), 1u) << diagnostics;
  EXPECT_EQ(
      diagnostics[0]["range"],
      Json::parse(
          R"({"start":{"line":6,"character":0},"end":{"line":6,"character":8}})"));
  EXPECT_EQ(diagnostics[0]["code"], "linalg");
  EXPECT_EQ(diagnostics[0]["source"], "irlens");
  EXPECT_EQ(diagnostics[0]["message"], "linalg: torch.aten.x: no such op");
  EXPECT_EQ(diagnostics[0]["relatedInformation"][0]["message"], "in this file");
  clear();
  write("a.py", kModel);
  save("a.py");
  sync();
  EXPECT_EQ(diagnosticsOf("a.py"), Json::array());
}

TEST_F(FeatureTest, FailuresEndWhereTheWorkerSays) {
  initialize();
  lower("a.py", std::string(kModel) + "y = f(x)  # fake: fail linalg 3-6\n");
  Json diagnostics = diagnosticsOf("a.py");
  ASSERT_EQ(diagnostics.size(), 1u) << diagnostics;
  const Json &range = diagnostics[0]["range"];
  EXPECT_EQ(range["start"]["character"], 2);
  EXPECT_EQ(range["end"]["line"], range["start"]["line"]);
  EXPECT_EQ(range["end"]["character"], 5);
}

TEST_F(FeatureTest, NotesJoinTheMessageForClientsWithoutRelatedInformation) {
  initialize(Json::object());
  lower("a.py", std::string(kModel) + "y = f(x)  # fake: fail linalg\n");
  EXPECT_EQ(diagnosticsOf("a.py")[0]["message"],
            "linalg: torch.aten.x: no such op\na.py:1: in this file");
}

TEST_F(FeatureTest, ImportedFilesHaveTheirOwnDiagnostics) {
  initialize();
  std::filesystem::path blocks =
      write("blocks.py", "a = 1\n\n  relu = 2 # two\n");
  lower("a.py",
        std::string(kModel) + "# fake: blame " + blocks.string() + ":3\n");
  Json diagnostics = diagnosticsOf("blocks.py");
  ASSERT_EQ(diagnostics.size(), 1u);
  EXPECT_EQ(
      diagnostics[0]["range"],
      Json::parse(
          R"({"start":{"line":2,"character":2},"end":{"line":2,"character":10}})"));
  EXPECT_EQ(diagnostics[0]["relatedInformation"][0]["location"]["uri"],
            uri("a.py"));
  write("a.py", kModel);
  save("a.py");
  sync();
  EXPECT_EQ(diagnosticsOf("blocks.py"), Json::array());
}

TEST_F(FeatureTest, NothingIsWithdrawnWhileARunIsGoingOn) {
  initialize();
  lower("a.py", std::string(kModel) + "# fake: fail linalg\n");
  clear();
  write("a.py", std::string(kModel) + "# fake: hang fx\n# fake: fail linalg\n");
  save("a.py");
  // Both are told at one time, diagnostics first.
  waitFor("workspace/codeLens/refresh");
  EXPECT_TRUE(has(titles(0), "fx …"));
  EXPECT_TRUE(received("textDocument/publishDiagnostics").empty());
}

/// A place in a file that the run only reads.
TEST_F(FeatureTest, DiagnosticsOfAFileThatIsNoSourceAreClearedWithTheirCause) {
  initialize();
  std::filesystem::path other = write("block.txt", "a\n  bcd\n");
  lower("a.py",
        std::string(kModel) + "# fake: blame " + other.string() + ":2\n");
  Json diagnostics = diagnosticsOf("block.txt");
  ASSERT_EQ(diagnostics.size(), 1u);
  EXPECT_EQ(
      diagnostics[0]["range"],
      Json::parse(
          R"({"start":{"line":1,"character":2},"end":{"line":1,"character":5}})"));
  notify("textDocument/didClose", {{"textDocument", {{"uri", uri("a.py")}}}});
  sync();
  EXPECT_EQ(diagnosticsOf("block.txt"), Json::array());
}

TEST_F(FeatureTest, WhatIsWrongInAConfigurationStandsInIt) {
  initialize();
  write(".irlens.json", "{\n  \"rowz\": []\n}\n");
  lower("a.py", kModel);
  Json diagnostics = diagnosticsOf(".irlens.json");
  ASSERT_EQ(diagnostics.size(), 1u);
  EXPECT_TRUE(diagnostics[0]["message"].get<std::string>().contains("rows"));
  EXPECT_EQ(
      diagnostics[0]["range"],
      Json::parse(
          R"({"start":{"line":1,"character":2},"end":{"line":1,"character":8}})"));
  notify("textDocument/didClose", {{"textDocument", {{"uri", uri("a.py")}}}});
  sync();
  EXPECT_EQ(diagnosticsOf(".irlens.json"), Json::array());
}

} // namespace
} // namespace irlens::lsp::test

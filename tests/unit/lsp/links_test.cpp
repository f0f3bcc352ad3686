// Links, hovers, diagnostics, progress and commands over the fake engine.
#include "tests/unit/lsp/feature_fixture.h"

namespace irlens::lsp::test {
namespace {

// --- Links
// -------------------------------------------------------------------------

TEST_F(FeatureTest, DefinitionLeadsToTheSourceLine) {
  initialize();
  lower("a.py", kModel);
  // "module {" first, then one op per code line: class, def, return.
  Json links =
      result("textDocument/definition", at(document("linalg.mlir"), 3));
  ASSERT_EQ(links.size(), 1u);
  EXPECT_EQ(links[0]["targetUri"], uri("a.py"));
  EXPECT_EQ(
      links[0]["targetRange"],
      Json::parse(
          R"({"start":{"line":2,"character":8},"end":{"line":2,"character":22}})"));
  EXPECT_EQ(links[0]["originSelectionRange"]["start"]["line"], 3);
  EXPECT_TRUE(result("textDocument/definition", at(document("linalg.mlir"), 0))
                  .is_null());
  EXPECT_TRUE(result("textDocument/definition", at(uri("a.py"), 2)).is_null());
  edit("\n\n" + std::string(kModel));
  EXPECT_EQ(
      result("textDocument/definition",
             at(document("linalg.mlir"), 3))[0]["targetRange"]["start"]["line"],
      4);
}

TEST_F(FeatureTest, ImplementationListsTheOpsOfEachStage) {
  initialize();
  lower("a.py", kModel);
  Json locations = result("textDocument/implementation", at(uri("a.py"), 2));
  ASSERT_GT(locations.size(), 5u);
  EXPECT_EQ(locations[1]["uri"], document("torchscript.torchscript"));
  EXPECT_EQ(locations[1]["range"]["start"]["line"], 3);
  EXPECT_TRUE(
      result("textDocument/implementation", at(uri("a.py"), 3)).is_null());
  edit("new = 1\n" + std::string(kModel));
  EXPECT_EQ(result("textDocument/implementation", at(uri("a.py"), 3)).size(),
            locations.size());
  EXPECT_TRUE(
      result("textDocument/implementation", at(uri("a.py"), 0)).is_null());
}

// The raw text of the stage before has one line more at its top than its
// document: made-up lines differ by one, what the client sees is the same line.
TEST_F(FeatureTest, LinesOfTwoStagesLeadToEachOther) {
  initialize();
  lower("a.py", std::string(kModel) +
                    "# fake: from=llvm-ir\n# fake: erased=llvm-dialect\n");
  std::string before = document("llvm-dialect.mlir");
  std::string after = document("llvm-ir.ll");
  Json declaration = result("textDocument/declaration", at(after, 3));
  ASSERT_EQ(declaration.size(), 1u);
  EXPECT_EQ(declaration[0]["uri"], before);
  EXPECT_EQ(declaration[0]["range"]["start"]["line"], 3);
  Json implementation = result("textDocument/implementation", at(before, 3));
  ASSERT_EQ(implementation.size(), 1u);
  EXPECT_EQ(implementation[0]["uri"], after);
  EXPECT_EQ(implementation[0]["range"]["start"]["line"], 3);
  EXPECT_EQ(result("textDocument/definition", at(after, 3))[0]["targetUri"],
            uri("a.py"));
  std::string hover =
      result("textDocument/hover", at(after, 3))["contents"]["value"];
  EXPECT_TRUE(hover.contains("from [LLVM dialect 4](" + before + "#L4)"))
      << hover;
  EXPECT_TRUE(hover.contains("```mlir\nllvm-dialect.op \"return relu(x)"));
  hover = result("textDocument/hover", at(before, 3))["contents"]["value"];
  EXPECT_TRUE(hover.contains("to [LLVM IR 4](" + after + "#L4)")) << hover;
  for (int line : {0, 99}) {
    EXPECT_TRUE(result("textDocument/declaration", at(after, line)).is_null());
    EXPECT_TRUE(
        result("textDocument/implementation", at(before, line)).is_null());
  }
  EXPECT_TRUE(result("textDocument/declaration", at(before, 3)).is_null());
  EXPECT_TRUE(result("textDocument/declaration", at(uri("a.py"), 3)).is_null());
}

// Layouts explain TTGIR: a hover has them made, the next one shows the
// paragraph of its line.
TEST_F(FeatureTest, HoversShowWhatExplainsTheLine) {
  initialize();
  lower("a.py",
        std::string(kModel) + "# fake: source=kernel\n# fake: from=layouts\n");
  std::string code = document("ttgir.mlir");
  std::string layouts = document("layouts.txt");
  content(code);
  sync();
  auto hover = [&](int line) {
    return result("textDocument/hover", at(code, line))["contents"]["value"]
        .get<std::string>();
  };
  std::string pending =
      "[Layouts](" + layouts + "): being made, ask again in a moment";
  EXPECT_TRUE(hover(4).contains(pending));
  sync();
  std::string shown = hover(4);
  EXPECT_FALSE(shown.contains("being made")) << shown;
  EXPECT_TRUE(shown.contains("\n\n[Layouts 4](" + layouts +
                             "#L4)\n\n```plaintext\n  layouts.op \"return"))
      << shown;
  // To the end of the paragraph.
  EXPECT_TRUE(shown.contains("\n  layouts.op \"__explore__(Net, 1)\"\n}\n```"))
      << shown;
  EXPECT_EQ(result("textDocument/implementation", at(code, 4))[0]["uri"],
            layouts);
  EXPECT_TRUE(result("textDocument/hover", at(layouts, 3))["contents"]["value"]
                  .get<std::string>()
                  .contains("from [TTGIR 5]("));
}

TEST_F(FeatureTest, AnExplanationThatFailedIsNotAskedForAgain) {
  initialize();
  lower("a.py",
        std::string(kModel) + "# fake: source=kernel\n# fake: fail=layouts\n");
  std::string code = document("ttgir.mlir");
  content(code);
  sync();
  result("textDocument/hover", at(code, 4));
  sync();
  std::size_t asked = engine().requests().size();
  std::string hover =
      result("textDocument/hover", at(code, 4))["contents"]["value"];
  EXPECT_FALSE(hover.contains("Layouts")) << hover;
  EXPECT_EQ(engine().requests().size(), asked);
}

TEST_F(FeatureTest, LinesOfDifferentRunsAreNotRelated) {
  initialize();
  std::string relation = "# fake: from=llvm-ir\n";
  lower("a.py", kModel + relation);
  std::string after = document("llvm-ir.ll");
  EXPECT_FALSE(result("textDocument/declaration", at(after, 3)).is_null());
  write("a.py", kModel + relation + "# fake: fail=llvm-ir\n");
  save("a.py");
  sync();
  EXPECT_TRUE(result("textDocument/declaration", at(after, 3)).is_null());
}

TEST_F(FeatureTest, LinksOfAnOlderGoodTextFollowTheLinesOfItsOwnRun) {
  initialize();
  lower("a.py", kModel);
  write("a.py", "new = 1\n# fake: fail=linalg\n" + std::string(kModel));
  edit("new = 1\n# fake: fail=linalg\n" + std::string(kModel));
  save("a.py");
  sync();
  // Line 3 of the older text is `return`, which is now the fifth line.
  EXPECT_EQ(
      result("textDocument/definition",
             at(document("linalg.mlir"), 3))[0]["targetRange"]["start"]["line"],
      4);
}

TEST_F(FeatureTest, HoversShowTheOtherSide) {
  initialize();
  lower("a.py", kModel);
  std::string ir = result("textDocument/hover",
                          at(document("linalg.mlir"), 3))["contents"]["value"];
  EXPECT_NE(ir.find("**Linalg** of `Net` · 12 ms"), std::string::npos) << ir;
  EXPECT_NE(ir.find("[a.py:3](" + uri("a.py") + "#L3)"), std::string::npos)
      << ir;
  EXPECT_NE(ir.find("```python\nreturn relu(x)\n```"), std::string::npos) << ir;
  std::string source =
      result("textDocument/hover", at(uri("a.py"), 2))["contents"]["value"];
  EXPECT_NE(source.find("[linalg](" + document("linalg.mlir") + ") 1"),
            std::string::npos)
      << source;
  EXPECT_NE(
      source.find(
          "```torchscript\ntorchscript.op \"return relu(x)  # here\"\n```"),
      std::string::npos)
      << source;
  EXPECT_TRUE(result("textDocument/hover", at(uri("a.py"), 3)).is_null());
  EXPECT_TRUE(
      result("textDocument/hover", at(document("linalg.mlir"), 0)).is_null());
}

TEST_F(FeatureTest, PlainHoversForClientsWithoutMarkdown) {
  initialize(Json::object(), {{"virtualDocuments", true}});
  lower("a.py", kModel);
  Json hover = result("textDocument/hover", at(document("linalg.mlir"), 3));
  EXPECT_EQ(hover["contents"]["kind"], "plaintext");
  EXPECT_EQ(hover["contents"]["value"].get<std::string>().find("```"),
            std::string::npos);
}

// --- Diagnostics
// ----------------------------------------------------------------

TEST_F(FeatureTest, FailuresAreToldOnTheUsersLine) {
  initialize();
  lower("a.py", "x = '\xF0\x9F\x98\x80'\n" + std::string(kModel) +
                    "y = f(x)  # fake: fail=linalg\n");
  Json diagnostics = diagnosticsOf("a.py");
  ASSERT_EQ(diagnostics.size(), 1u) << diagnostics;
  EXPECT_EQ(
      diagnostics[0]["range"],
      Json::parse(
          R"({"start":{"line":6,"character":0},"end":{"line":6,"character":8}})"));
  EXPECT_EQ(diagnostics[0]["code"], "linalg");
  EXPECT_EQ(diagnostics[0]["source"], "irlens");
  EXPECT_EQ(diagnostics[0]["message"],
            "linalg: torch.aten.fake: failed to legalize");
  EXPECT_EQ(diagnostics[0]["relatedInformation"][0]["message"], "in this file");
  clear();
  write("a.py", kModel);
  save("a.py");
  sync();
  EXPECT_EQ(diagnosticsOf("a.py"), Json::array());
}

TEST_F(FeatureTest, FailuresEndWhereTheWorkerSays) {
  initialize();
  lower("a.py", std::string(kModel) + "y = f(x)  # fake: fail=linalg\n"
                                      "# fake: until=linalg\n");
  Json diagnostics = diagnosticsOf("a.py");
  ASSERT_EQ(diagnostics.size(), 1u) << diagnostics;
  const Json &range = diagnostics[0]["range"];
  EXPECT_EQ(range["start"]["character"], 2);
  EXPECT_EQ(range["end"]["line"], range["start"]["line"]);
  EXPECT_EQ(range["end"]["character"], 5);
}

TEST_F(FeatureTest, NotesJoinTheMessageForClientsWithoutRelatedInformation) {
  initialize(Json::object());
  lower("a.py", std::string(kModel) + "y = f(x)  # fake: fail=linalg\n");
  EXPECT_EQ(
      diagnosticsOf("a.py")[0]["message"],
      "linalg: torch.aten.fake: failed to legalize\na.py:1: in this file");
}

TEST_F(FeatureTest, ImportedFilesHaveTheirOwnDiagnostics) {
  initialize();
  std::filesystem::path blocks =
      write("blocks.py", "a = 1\n\n  relu = 2 # two\n");
  lower("a.py",
        std::string(kModel) + "# fake: blame=" + blocks.string() + ":3\n");
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
  lower("a.py", std::string(kModel) + "# fake: fail=linalg\n");
  clear();
  write("a.py", std::string(kModel) + "# fake: hang\n# fake: fail=linalg\n");
  save("a.py");
  spin(250);
  EXPECT_TRUE(received("textDocument/publishDiagnostics").empty());
}

// --- Progress and commands
// -------------------------------------------------------

TEST_F(FeatureTest, ProgressBeginsAfterTheClientAgreesAndEnds) {
  initialize();
  lower("a.py", std::string(kModel) + "# fake: ms=30\n");
  std::vector<Json> progress = received("$/progress");
  ASSERT_GE(progress.size(), 3u);
  EXPECT_EQ(progress.front()["params"]["value"]["kind"], "begin");
  EXPECT_EQ(progress.front()["params"]["value"]["cancellable"], true);
  EXPECT_EQ(progress.back()["params"]["value"]["kind"], "end");
  int last = 0;
  for (const Json &message : progress) {
    int percent = message["params"]["value"].value("percentage", 100);
    EXPECT_GE(percent, last);
    last = percent;
  }
}

TEST_F(FeatureTest, NoProgressForAClientThatDoesNotAnswerOrSaysNo) {
  onServerRequest = [](const Json &request) -> std::optional<Json> {
    if (request["method"] == "window/workDoneProgress/create")
      return std::nullopt;
    return Json();
  };
  initialize();
  lower("a.py", std::string(kModel) + "# fake: ms=30\n");
  EXPECT_EQ(received("window/workDoneProgress/create").size(), 1u);
  EXPECT_TRUE(received("$/progress").empty());
}

TEST_F(FeatureTest, QuickRunsShowNoProgress) {
  initialize();
  lower("a.py", kModel);
  EXPECT_TRUE(received("window/workDoneProgress/create").empty());
}

TEST_F(FeatureTest, TheCancelButtonEndsTheRun) {
  initialize();
  write("a.py", std::string(kModel) + "# fake: hang\n");
  open("a.py", kModel);
  Json begin = waitFor("$/progress");
  notify("window/workDoneProgress/cancel", {{"token", "other"}});
  notify("window/workDoneProgress/cancel",
         {{"token", begin["params"]["token"]}});
  sync();
  EXPECT_FALSE(engine().file(workspace() / "a.py")->running);
  EXPECT_EQ(received("$/progress").back()["params"]["value"]["kind"], "end");
}

TEST_F(FeatureTest, ANewerSaveTakesOver) {
  initialize();
  write("a.py", std::string(kModel) + "# fake: hang\n");
  open("a.py", kModel);
  spin(300);
  write("a.py", kModel);
  save("a.py");
  sync();
  EXPECT_EQ(received("$/progress").back()["params"]["value"]["kind"], "end");
  EXPECT_TRUE(has(titles(0), "fx · 4 ops"));
}

TEST_F(FeatureTest, Commands) {
  Json capabilities = initialize();
  Json names =
      capabilities["capabilities"]["executeCommandProvider"]["commands"];
  EXPECT_EQ(std::ranges::count(names, Json("irlens.open")), 0);
  lower("a.py", kModel);
  auto execute = [&](const std::string &command) {
    return request(
        "workspace/executeCommand",
        {{"command", command}, {"arguments", Json::array({uri("a.py")})}});
  };
  Json stages = execute("irlens.stages")["result"];
  ASSERT_GT(stages.size(), 10u);
  EXPECT_EQ(stages[2], (Json{{"entry", "Net"},
                             {"stage", "fx"},
                             {"title", "fx · 4 ops"},
                             {"uri", document("fx.fx.py")},
                             {"status", "ok"},
                             {"passes", false}}));
  execute("irlens.run");
  EXPECT_TRUE(engine().requests().back().force);
  sync();
  execute("irlens.cancel");
  Json unknown = execute("irlens.stage");
  EXPECT_EQ(unknown["error"]["code"], -32602);
  EXPECT_NE(unknown["error"]["message"].get<std::string>().find(
                "did you mean irlens.stages"),
            std::string::npos);
}

} // namespace
} // namespace irlens::lsp::test

// Each feature over the fake engine: source text in, LSP values out.
#include "tests/unit/lsp/harness.h"

#include "lsp/uri.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace irlens::lsp::test {
namespace {

constexpr const char *kModel = "class Net:\n"
                               "    def forward(self, x):\n"
                               "        return relu(x)  # here\n"
                               "\n"
                               "__explore__(Net, 1)\n";

class FeatureTest : public testing::Test, protected Harness {
protected:
  std::string document(const std::string &file) {
    return documentUri({unitOf(workspace() / "a.py"), "Net", file});
  }
  std::string content(const std::string &uri) {
    return result("workspace/textDocumentContent", {{"uri", uri}}).at("text");
  }
  Json at(const std::string &uri, int line, int character = 0) {
    return {{"textDocument", {{"uri", uri}}},
            {"position", {{"line", line}, {"character", character}}}};
  }
  Json lenses() {
    return result("textDocument/codeLens",
                  {{"textDocument", {{"uri", uri("a.py")}}}});
  }
  /// Titles of the lenses on a line (from 0).
  std::vector<std::string> titles(int line) {
    std::vector<std::string> found;
    for (const Json &lens : lenses())
      if (lens["range"]["start"]["line"] == line)
        found.push_back(lens["command"]["title"]);
    return found;
  }
  void edit(const std::string &text) {
    notify("textDocument/didChange",
           {{"textDocument", {{"uri", uri("a.py")}, {"version", 2}}},
            {"contentChanges", Json::array({{{"text", text}}})}});
  }
  Json diagnosticsOf(const std::string &name) {
    Json last;
    for (const Json &message : received("textDocument/publishDiagnostics"))
      if (message["params"]["uri"] == uri(name))
        last = message["params"]["diagnostics"];
    return last;
  }
  static bool has(const std::vector<std::string> &list,
                  const std::string &item) {
    return std::ranges::find(list, item) != list.end();
  }
};

// --- Code lenses
// --------------------------------------------------------------------

TEST_F(FeatureTest, LensesStandAboveTheClassAndTheCall) {
  initialize(allCapabilities(), {{"clientCommands", {"irlens.open"}}});
  lower("a.py", std::string(kModel) +
                    "# fake: fail=llvm-ir\n# fake: unavailable=tosa\n");
  for (int line : {0, 4}) {
    std::vector<std::string> seen = titles(line);
    EXPECT_EQ(seen[0], "▸ Net · 11.7 M parameters · 120 ms");
    EXPECT_TRUE(has(seen, "linalg · 4 ops · 12 ms")) << line;
    EXPECT_TRUE(has(seen, "llvm-ir ✗ torch.aten.fake"));
    for (const std::string &title : seen)
      EXPECT_FALSE(title.starts_with("tosa"));
  }
  for (const Json &lens : lenses()) {
    EXPECT_EQ(lens["range"]["start"]["line"], lens["range"]["end"]["line"]);
    EXPECT_TRUE(lens.contains("command"));
  }
  Json second = lenses()[2]["command"];
  EXPECT_EQ(second["command"], "irlens.open");
  EXPECT_EQ(second["arguments"][0], document("torchscript.torchscript"));
  EXPECT_EQ(second["arguments"][1],
            (Json{{"entry", "Net"}, {"stage", "torchscript"}}));
}

TEST_F(FeatureTest, LensesFollowTheLinesOfADirtyBuffer) {
  initialize();
  lower("a.py", kModel);
  edit("import torch\n\n" + std::string(kModel));
  EXPECT_FALSE(titles(2).empty());
  EXPECT_FALSE(titles(6).empty());
  EXPECT_TRUE(titles(0).empty());
  edit("nothing = 1\n");
  EXPECT_TRUE(lenses().is_null());
}

TEST_F(FeatureTest, MarksHaveALensBeforeTheFirstRunIsOver) {
  initialize();
  write("a.py", std::string(kModel) + "# fake: ms=200\n");
  open("a.py", kModel);
  EXPECT_EQ(titles(4), std::vector<std::string>{"irlens: lowering…"});
  sync();
  EXPECT_GT(titles(4).size(), 5u);
}

TEST_F(FeatureTest, PendingStagesSaySo) {
  initialize();
  write("a.py", std::string(kModel) + "# fake: hang\n");
  open("a.py", kModel);
  spin(50);
  EXPECT_TRUE(has(titles(0), "fx …"));
}

TEST_F(FeatureTest, ABrokenFileSaysWhy) {
  initialize();
  lower("a.py", "!\n__explore__(Net, 1)\n");
  EXPECT_EQ(titles(1), std::vector<std::string>{"irlens: ✗ invalid syntax"});
}

TEST_F(FeatureTest,
       WithoutAClientCommandLensesShowTheDocumentThroughTheServer) {
  initialize();
  lower("a.py", kModel);
  Json command = lenses()[1]["command"];
  EXPECT_EQ(command["command"], "irlens.showDocument");
  clear();
  result("workspace/executeCommand", command);
  EXPECT_EQ(waitFor("window/showDocument")["params"]["uri"],
            command["arguments"][0]);
}

// --- Virtual documents
// -------------------------------------------------------------

TEST_F(FeatureTest, TheLastGoodTextStaysWhileAStageFails) {
  initialize();
  lower("a.py", kModel);
  std::string uri = document("linalg.mlir");
  std::string good = content(uri);
  clear();
  write("a.py", std::string(kModel) + "# fake: fail=linalg\n");
  save("a.py");
  sync();
  EXPECT_EQ(content(uri), good);
  EXPECT_TRUE(received("workspace/textDocumentContent/refresh").empty());
  EXPECT_TRUE(has(titles(0), "linalg ✗ torch.aten.fake"));
}

TEST_F(FeatureTest, OnlyDocumentsWhoseTextChangedAreRefreshed) {
  initialize();
  lower("a.py", kModel);
  content(document("linalg.mlir"));
  content(document("fx.fx.py"));
  clear();
  // A comment changes no text of the fake's stages.
  write("a.py", std::string(kModel) + "# a comment\n");
  save("a.py");
  sync();
  EXPECT_TRUE(received("workspace/textDocumentContent/refresh").empty());
  write("a.py", std::string(kModel) + "more = 1\n");
  save("a.py");
  sync();
  EXPECT_EQ(received("workspace/textDocumentContent/refresh").size(), 2u);
}

TEST_F(FeatureTest, LensRefreshesAreFew) {
  initialize();
  clear();
  lower("a.py", kModel);
  EXPECT_LE(received("workspace/codeLens/refresh").size(), 2u);
  EXPECT_GE(received("workspace/codeLens/refresh").size(), 1u);
}

TEST_F(FeatureTest, AFailedStageShowsReasonsAboveWhatItLeft) {
  initialize();
  lower("a.py",
        std::string(kModel) + "# fake: partial=linalg\n# fake: fail=fx\n");
  std::string text = content(document("linalg.mlir"));
  EXPECT_TRUE(text.starts_with(
      "// irlens: Linalg of Net: failed\n"
      "//   a.py:6: error: failed to legalize [torch.aten.fake]\n"
      "//     a.py:1: in this file\n"
      "// The IR before the step that failed:\n"
      "module {\n"))
      << text;
  EXPECT_TRUE(content(document("fx.fx.py"))
                  .starts_with("# irlens: FX of Net: failed\n"));
  // Links are right below the header: line 5 is the first op, from source
  // line 1.
  Json links =
      result("textDocument/definition", at(document("linalg.mlir"), 5));
  EXPECT_EQ(links[0]["targetRange"]["start"]["line"], 0);
  EXPECT_TRUE(result("textDocument/definition", at(document("linalg.mlir"), 1))
                  .is_null());
}

TEST_F(FeatureTest, UnavailableStagesTellTheCommandThatInstalls) {
  initialize();
  lower("a.py", std::string(kModel) + "# fake: unavailable=tosa\n");
  EXPECT_NE(content(document("tosa.mlir")).find("pip install torch-mlir"),
            std::string::npos);
  EXPECT_TRUE(diagnosticsOf("a.py").empty());
}

TEST_F(FeatureTest, LongDocumentsAreCut) {
  initialize(allCapabilities(), {{"maxDocumentMegabytes", 1}});
  lower("a.py", std::string(kModel) + "# fake: pad=3000000\n");
  std::string text = content(document("linalg.mlir"));
  EXPECT_LT(text.size(), (1u << 20) + 500);
  EXPECT_TRUE(
      text.starts_with("// irlens: the first 1.0 of 2.9 MB; all of it: /"))
      << text.substr(0, 99);
  EXPECT_TRUE(text.ends_with("// irlens: cut here\n"));
  std::istringstream stream(text.substr(text.find("/", 40)));
  std::string path;
  std::getline(stream, path);
  EXPECT_GT(std::filesystem::file_size(path), 3'000'000u);
  // Links know about the extra line.
  EXPECT_EQ(
      result("textDocument/definition",
             at(document("linalg.mlir"), 2))[0]["targetRange"]["start"]["line"],
      0);
  Json ranges = result("textDocument/implementation", at(uri("a.py"), 0));
  EXPECT_EQ(ranges[0]["range"]["start"]["line"], 2);
}

TEST_F(FeatureTest, UnknownDocumentsTellWhatToDo) {
  initialize();
  std::string text = content("irlens://ir/gone-01234567/Net/fx.fx.py");
  EXPECT_TRUE(text.starts_with("# irlens: it is not known")) << text;
  EXPECT_EQ(request("workspace/textDocumentContent",
                    {{"uri", "irlens://ir/x"}})["error"]["code"],
            -32602);
  lower("a.py", kModel);
  EXPECT_NE(
      content(documentUri({unitOf(workspace() / "a.py"), "Other", "fx.fx.py"}))
          .find("has no such entry"),
      std::string::npos);
}

// --- File copies
// -----------------------------------------------------------------

TEST_F(FeatureTest, ClientsWithoutVirtualDocumentsGetReadOnlyFiles) {
  Json capabilities = allCapabilities();
  capabilities["workspace"].erase("textDocumentContent");
  initialize(capabilities);
  lower("a.py", kModel);
  std::string copy;
  for (const Json &lens : lenses())
    if (lens["command"]["title"].get<std::string>().starts_with("linalg"))
      copy = lens["command"]["arguments"][0];
  ASSERT_TRUE(copy.starts_with("file://")) << copy;
  std::filesystem::path path = *filePath(copy);
  EXPECT_TRUE(path.string().starts_with((store() / "documents").string()));
  auto bits = std::filesystem::status(path).permissions() &
              std::filesystem::perms::mask;
  EXPECT_EQ(static_cast<unsigned>(bits), 0444u);
  // They are documents of ours like the others.
  Json links = result("textDocument/definition", at(copy, 1));
  EXPECT_EQ(links[0]["targetUri"], uri("a.py"));
  EXPECT_FALSE(result("textDocument/hover", at(copy, 1)).is_null());
  EXPECT_TRUE(
      result("textDocument/implementation", at(uri("a.py"), 0))[0]["uri"]
          .get<std::string>()
          .starts_with("file://"));
  // And follow a save.
  write("a.py", std::string(kModel) + "more = 1\n");
  save("a.py");
  sync();
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_NE(text.str().find("more = 1"), std::string::npos);
  EXPECT_TRUE(received("workspace/textDocumentContent/refresh").empty());
}

TEST_F(FeatureTest, AClientMaySayThatItShowsVirtualDocuments) {
  initialize(Json::object(), {{"virtualDocuments", true}});
  lower("a.py", kModel);
  EXPECT_TRUE(
      lenses()[1]["command"]["arguments"][0].get<std::string>().starts_with(
          "irlens://"));
  clear();
  result("workspace/executeCommand", lenses()[1]["command"]);
  // No window/showDocument: the place is told instead.
  EXPECT_TRUE(waitFor("window/showMessage")["params"]["message"]
                  .get<std::string>()
                  .starts_with("irlens://"));
}

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
  EXPECT_TRUE(has(titles(0), "fx · 4 ops · 12 ms"));
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
                             {"title", "fx · 4 ops · 12 ms"},
                             {"uri", document("fx.fx.py")},
                             {"status", "ok"}}));
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

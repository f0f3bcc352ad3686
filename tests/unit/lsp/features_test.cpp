// Lenses and documents: source text in, LSP values out.
#include "tests/unit/lsp/feature_fixture.h"

#include <fstream>
#include <sstream>

namespace irlens::lsp::test {
namespace {

// --- Code lenses
// --------------------------------------------------------------------

TEST_F(FeatureTest, LensesStandAboveTheClassAndTheCall) {
  initialize(allCapabilities(), {{"clientCommands", {"irlens.open"}}});
  lower("a.py", std::string(kModel) +
                    "# fake: fail llvm-ir\n# fake: unavailable tosa\n");
  for (int line : {0, 4}) {
    std::vector<std::string> seen = titles(line);
    EXPECT_TRUE(seen[0].starts_with("▸ Net · 11.7 M parameters · ")) << seen[0];
    EXPECT_TRUE(has(seen, "linalg · 4 ops")) << line;
    EXPECT_TRUE(has(seen, "llvm-ir ✗ torch.aten.x"));
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
  write("a.py", kModel);
  open("a.py", kModel);
  EXPECT_EQ(titles(4), std::vector<std::string>{"irlens: lowering…"});
  sync();
  EXPECT_GT(titles(4).size(), 5u);
}

TEST_F(FeatureTest, PendingStagesSaySo) {
  initialize();
  write("a.py", std::string(kModel) + hold("fx"));
  open("a.py", kModel);
  waitUntil([&] { return has(titles(0), "fx …"); }, "pending stage");
  release();
  sync();
  EXPECT_TRUE(has(titles(0), "fx · 4 ops"));
}

TEST_F(FeatureTest, ABrokenFileSaysWhy) {
  initialize();
  lower("a.py", "# fake: error invalid syntax\n__explore__(Net, 1)\n");
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

TEST_F(FeatureTest, KernelsOfADocumentHaveLensesThatLeadOneStepFurther) {
  initialize(allCapabilities(), {{"clientCommands", {"irlens.open"}}});
  std::string source =
      std::string(kModel) + "# fake: kernel gpu\n# fake: kernel gpu-nvptx\n";
  lower("a.py", source);
  std::string kernels = document("gpu.mlir");
  std::string ptx = document("gpu-nvptx.ptx");
  content(kernels);
  content(ptx);
  sync();
  for (auto [from, to] : {std::pair(kernels, ptx), std::pair(ptx, kernels)}) {
    Json found = lensesOf(from);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0]["range"]["start"]["line"], 1);
    EXPECT_GT(found[0]["range"]["end"]["character"], 0);
    EXPECT_EQ(found[0]["command"]["title"],
              "▸ main_matmul_0 · 4 ops · block 32 x 8");
    EXPECT_EQ(found[0]["command"]["command"], "irlens.open");
    EXPECT_EQ(found[0]["command"]["arguments"][0], to);
  }
  EXPECT_TRUE(lensesOf(document("linalg.mlir")).is_null());
  EXPECT_TRUE(lensesOf("irlens://ir/gone-01234567/Net/gpu.mlir").is_null());
}

// The file's own targets make a table of its own.
TEST_F(FeatureTest, KernelsOfAnotherTargetLeadToStagesOfThatTarget) {
  initialize(allCapabilities(), {{"clientCommands", {"irlens.open"}}});
  lower("a.py", std::string(kModel) + "# irlens: target=sm_80,sm_90\n"
                                      "# fake: source kernel\n"
                                      "# fake: kernel ptx.sm_90\n");
  std::string ptx = document("ptx.sm_90.ptx");
  content(ptx);
  sync();
  Json found = lensesOf(ptx);
  ASSERT_EQ(found.size(), 1u) << content(ptx);
  EXPECT_EQ(found[0]["command"]["arguments"][0], document("sass.sm_90.sass"));
}

// --- Virtual documents
// -------------------------------------------------------------

TEST_F(FeatureTest, TheLastGoodTextStaysWhileAStageFails) {
  initialize();
  lower("a.py", kModel);
  std::string uri = document("linalg.mlir");
  std::string good = content(uri);
  clear();
  write("a.py", std::string(kModel) + "# fake: fail linalg\n");
  save("a.py");
  sync();
  EXPECT_EQ(content(uri), good);
  EXPECT_TRUE(received("workspace/textDocumentContent/refresh").empty());
  EXPECT_TRUE(has(titles(0), "linalg ✗ torch.aten.x"));
}

TEST_F(FeatureTest, OnlyDocumentsWhoseTextChangedAreRefreshed) {
  initialize();
  lower("a.py", kModel);
  content(document("linalg.mlir"));
  content(document("fx.fx.py"));
  clear();
  // A comment changes no text of a stage.
  write("a.py", std::string(kModel) + "# a comment\n");
  save("a.py");
  sync();
  EXPECT_TRUE(received("workspace/textDocumentContent/refresh").empty());
  write("a.py", std::string(kModel) + "more = 1\n");
  save("a.py");
  sync();
  EXPECT_EQ(received("workspace/textDocumentContent/refresh").size(), 2u);
}

TEST_F(FeatureTest, WhatComesTogetherIsOneRefreshOfTheLenses) {
  delays.coalesce = std::chrono::hours(1);
  initialize();
  clear();
  lower("a.py", kModel);
  // One, for the end of the run does not wait.
  EXPECT_EQ(received("workspace/codeLens/refresh").size(), 1u);
}

TEST_F(FeatureTest, AFailedStageShowsReasonsAboveWhatItLeft) {
  initialize();
  lower("a.py",
        std::string(kModel) + "# fake: partial linalg\n# fake: fail fx\n");
  std::string text = content(document("linalg.mlir"));
  EXPECT_TRUE(text.starts_with("// irlens: Linalg of Net: failed\n"
                               "//   a.py:6: error: no such op [torch.aten.x]\n"
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
  lower("a.py", std::string(kModel) + "# fake: unavailable tosa\n");
  EXPECT_NE(content(document("tosa.mlir")).find("pip install torch-mlir"),
            std::string::npos);
  EXPECT_TRUE(diagnosticsOf("a.py").empty());
}

TEST_F(FeatureTest, LongDocumentsAreCut) {
  initialize(allCapabilities(), {{"maxDocumentMegabytes", 1},
                                 {"stages", Json::array({"linalg"})}});
  lower("a.py", std::string(kModel) + "# fake: pad 3000000\n");
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

} // namespace
} // namespace irlens::lsp::test

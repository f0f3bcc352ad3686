// Links between the lines of a source and of its documents, and hovers.
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
  EXPECT_EQ(locations[0]["uri"], document("torchscript.torchscript"));
  EXPECT_EQ(locations[0]["range"]["start"]["line"], 3);
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
  lower("a.py", std::string(kModel) + "# fake: from llvm-ir\n");
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
        std::string(kModel) + "# fake: source kernel\n# fake: from layouts\n");
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
  EXPECT_TRUE(hover(3).contains(pending)) << hover(3);
  sync();
  std::string shown = hover(3);
  EXPECT_FALSE(shown.contains("being made")) << shown;
  EXPECT_TRUE(shown.contains("\n\n[Layouts 4](" + layouts +
                             "#L4)\n\n```plaintext\n  layouts.op \"return"))
      << shown;
  // To the end of the paragraph.
  EXPECT_TRUE(shown.contains("\n  layouts.op \"__explore__(Net, 1)\"\n}\n```"))
      << shown;
  EXPECT_EQ(result("textDocument/implementation", at(code, 3))[0]["uri"],
            layouts);
  EXPECT_TRUE(result("textDocument/hover", at(layouts, 3))["contents"]["value"]
                  .get<std::string>()
                  .contains("from [TTGIR 4]("));
}

TEST_F(FeatureTest, AnExplanationThatFailedIsNotAskedForAgain) {
  initialize();
  lower("a.py",
        std::string(kModel) + "# fake: source kernel\n# fake: fail layouts\n");
  std::string code = document("ttgir.mlir");
  content(code);
  sync();
  result("textDocument/hover", at(code, 4));
  sync();
  std::size_t asked = requests().size();
  std::string hover =
      result("textDocument/hover", at(code, 4))["contents"]["value"];
  EXPECT_FALSE(hover.contains("Layouts")) << hover;
  sync();
  EXPECT_EQ(requests().size(), asked);
}

TEST_F(FeatureTest, LinesOfDifferentRunsAreNotRelated) {
  initialize();
  std::string relation = "# fake: from llvm-ir\n";
  lower("a.py", kModel + relation);
  std::string after = document("llvm-ir.ll");
  EXPECT_FALSE(result("textDocument/declaration", at(after, 3)).is_null());
  write("a.py", kModel + relation + "# fake: fail llvm-ir\n");
  save("a.py");
  sync();
  EXPECT_TRUE(result("textDocument/declaration", at(after, 3)).is_null());
}

TEST_F(FeatureTest, LinksOfAnOlderGoodTextFollowTheLinesOfItsOwnRun) {
  initialize();
  lower("a.py", kModel);
  write("a.py", "new = 1\n# fake: fail linalg\n" + std::string(kModel));
  edit("new = 1\n# fake: fail linalg\n" + std::string(kModel));
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
  EXPECT_NE(ir.find("**Linalg** of `Net` · 1.5 ms"), std::string::npos) << ir;
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

} // namespace
} // namespace irlens::lsp::test

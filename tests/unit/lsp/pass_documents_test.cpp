// The documents about the passes of a stage, over an engine that records two.
#include "tests/unit/lsp/feature_fixture.h"

namespace irlens::lsp::test {
namespace {

const std::string kKernel = std::string(kModel) + "# fake: source=kernel\n";

class PassDocumentsTest : public FeatureTest {
protected:
  Json passes(const Json &arguments) {
    return request("workspace/executeCommand",
                   {{"command", "irlens.passes"}, {"arguments", arguments}});
  }
  Json passesOf(const std::string &stage) {
    return passes(Json::array({uri("a.py"), "Net", stage}))["result"];
  }

  std::string list_ = document("ttgir.passes.txt");
  std::string first_ = document("ttgir.passes.000-input.mlir");
  std::string second_ = document("ttgir.passes.001-fake.nothing.mlir");
};

TEST_F(PassDocumentsTest, AreMadeWhenSomebodyLooks) {
  initialize();
  lower("a.py", kKernel);
  EXPECT_TRUE(engine().requests().back().passes.empty());
  EXPECT_EQ(content(list_), "# irlens: TTGIR passes of Net: pending\n");
  clear();
  sync();
  EXPECT_EQ(engine().requests().back().passes,
            std::vector<std::string>{"ttgir"});
  EXPECT_EQ(received("workspace/textDocumentContent/refresh").size(), 1u);
  std::string text = content(list_);
  EXPECT_EQ(std::ranges::count(text, '\n'), 3);
  EXPECT_TRUE(text.contains("fake.nothing")) << text;
  EXPECT_EQ(content(first_), content(second_));
  EXPECT_TRUE(content(first_).contains("ttgir.op")) << content(first_);
  auto requests = engine().requests().size();
  content(first_);
  EXPECT_EQ(engine().requests().size(), requests) << "nothing more to ask for";
}

TEST_F(PassDocumentsTest, ALineOfTheListLeadsToThePass) {
  initialize();
  lower("a.py", kKernel);
  content(list_);
  sync();
  EXPECT_TRUE(result("textDocument/definition", at(list_, 0)).is_null());
  EXPECT_TRUE(result("textDocument/definition", at(list_, 9)).is_null());
  Json found = result("textDocument/definition", at(list_, 2));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0]["targetUri"], second_);
  Json links =
      result("textDocument/documentLink", {{"textDocument", {{"uri", list_}}}});
  ASSERT_EQ(links.size(), 2u);
  EXPECT_EQ(links[0]["target"], first_);
  EXPECT_EQ(links[0]["range"]["start"]["line"], 1);
  EXPECT_TRUE(
      result("textDocument/documentLink", {{"textDocument", {{"uri", first_}}}})
          .is_null());
}

TEST_F(PassDocumentsTest, APassIsLinkedToTheSource) {
  initialize();
  lower("a.py", kKernel);
  content(second_);
  sync();
  Json found = result("textDocument/definition", at(second_, 1));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0]["targetUri"], uri("a.py"));
  std::string hover =
      result("textDocument/hover", at(second_, 1))["contents"]["value"];
  EXPECT_TRUE(hover.contains("fake.nothing")) << hover;
}

TEST_F(PassDocumentsTest, AnOpenOneIsRecordedAgainByASave) {
  initialize();
  lower("a.py", kKernel);
  notify("textDocument/didOpen", {{"textDocument",
                                   {{"uri", first_},
                                    {"languageId", "mlir"},
                                    {"version", 1},
                                    {"text", ""}}}});
  sync();
  std::string before = content(first_);
  write("a.py", kKernel + "more = 1\n");
  clear();
  save("a.py");
  EXPECT_EQ(content(first_), before) << "until there is a new one";
  sync();
  EXPECT_TRUE(content(first_).contains("more = 1"));
  EXPECT_EQ(engine().requests().back().passes,
            std::vector<std::string>{"ttgir"});
}

TEST_F(PassDocumentsTest, WhatIsNotThereSaysWhy) {
  initialize();
  lower("a.py", kKernel + "# fake: fail=ttgir\n");
  content(list_);
  sync();
  EXPECT_TRUE(content(list_).contains("fake.nothing"));
  EXPECT_TRUE(content(list_).contains(" failed  "));
  EXPECT_TRUE(content(list_).contains("# irlens: TTGIR passes of Net: failed"));
  std::string failed = content(second_);
  EXPECT_TRUE(failed.starts_with("// irlens: fake.nothing of Net: failed\n"))
      << failed;
  EXPECT_TRUE(failed.contains("failed to legalize")) << failed;
  EXPECT_TRUE(failed.contains("// The IR before it:\n" + content(first_)))
      << failed;
  // Its lines are still those of the text.
  int line = static_cast<int>(std::ranges::count(
                 failed.substr(0, failed.find(content(first_))), '\n')) +
             1;
  EXPECT_EQ(result("textDocument/definition", at(second_, line)).size(), 1u);
  std::string gone = document("ttgir.passes.077-gone.mlir");
  EXPECT_EQ(content(gone), "// irlens: TTGIR passes of Net: no such pass now; "
                           "ttgir.passes.txt lists them\n");
  write("a.py", kKernel + "# fake: forget\n");
  std::string ir = document("triton-llvm-ir.passes.004-llvm.to_module.ll");
  save("a.py");
  sync();
  content(ir);
  sync();
  EXPECT_EQ(content(ir),
            "; irlens: LLVM IR passes of Net: none were recorded\n");
}

TEST_F(PassDocumentsTest, TheCommandListsThem) {
  initialize();
  lower("a.py", kKernel);
  Json answer = passesOf("ttgir");
  EXPECT_EQ(answer["status"], "pending");
  EXPECT_EQ(answer["uri"], list_);
  sync();
  answer = passesOf("ttgir");
  EXPECT_EQ(answer["status"], "ok");
  ASSERT_EQ(answer["passes"].size(), 2u);
  EXPECT_EQ(answer["passes"][1], (Json{{"index", 1},
                                       {"name", "fake.nothing"},
                                       {"ms", 0.25},
                                       {"changed", false},
                                       {"failed", false},
                                       {"ops", 4},
                                       {"uri", second_}}));
}

TEST_F(PassDocumentsTest, OddArguments) {
  initialize();
  lower("a.py", kKernel);
  for (const Json &arguments :
       {Json::array(), Json::array({5}), Json::array({uri("a.py")}),
        Json::array({uri("a.py"), "Net"}), Json::array({uri("a.py"), "Net", 7}),
        Json::array({uri("a.py"), "Net", "ptx"}),
        Json::array({uri("a.py"), "Net", "linalg"}),
        Json::array({uri("a.py"), "Other", "ttgir"}),
        Json::array({uri("never.py"), "Net", "ttgir"})})
    EXPECT_TRUE(passes(arguments).contains("error")) << arguments;
}

} // namespace
} // namespace irlens::lsp::test

// The documents about the passes of a stage, of which the worker records two.
#include "tests/unit/lsp/feature_fixture.h"

namespace irlens::lsp::test {
namespace {

const std::string kKernel = std::string(kModel) + "# fake: source kernel\n";

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
  std::string first_ = document("ttgir.passes.000-first.mlir");
  std::string second_ = document("ttgir.passes.001-second.mlir");
};

TEST_F(PassDocumentsTest, AreMadeWhenSomebodyLooks) {
  initialize();
  lower("a.py", kKernel);
  for (const std::string &request : requests())
    EXPECT_FALSE(request.contains("passes=")) << request;
  EXPECT_EQ(content(list_), "# irlens: TTGIR passes of Net: pending\n");
  clear();
  sync();
  EXPECT_TRUE(requests().back().ends_with(" passes=ttgir"));
  EXPECT_EQ(received("workspace/textDocumentContent/refresh").size(), 1u);
  std::string text = content(list_);
  EXPECT_EQ(std::ranges::count(text, '\n'), 3);
  EXPECT_TRUE(text.contains("second")) << text;
  EXPECT_EQ(content(first_), content(second_));
  EXPECT_TRUE(content(first_).contains("ttgir.op")) << content(first_);
  std::size_t asked = requests().size();
  content(first_);
  sync();
  EXPECT_EQ(requests().size(), asked) << "nothing more to ask for";
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
  EXPECT_TRUE(hover.contains("second")) << hover;
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
  EXPECT_TRUE(requests().back().ends_with(" passes=ttgir"));
}

TEST_F(PassDocumentsTest, WhatIsNotThereSaysWhy) {
  initialize();
  lower("a.py", kKernel + "# fake: fail ttgir\n");
  content(list_);
  sync();
  EXPECT_TRUE(content(list_).contains("second"));
  EXPECT_TRUE(content(list_).contains(" failed  "));
  EXPECT_TRUE(content(list_).contains("# irlens: TTGIR passes of Net: failed"));
  std::string failed = content(second_);
  EXPECT_TRUE(failed.starts_with("// irlens: second of Net: failed\n"))
      << failed;
  EXPECT_TRUE(failed.contains("no such op")) << failed;
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
  write("a.py",
        kKernel + "# fake: forget ttgir\n# fake: forget triton-llvm-ir\n");
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
  EXPECT_EQ(answer["passes"][1],
            (Json{{"index", 1},
                  {"name", "second"},
                  {"ms", 0.5},
                  {"changed", false},
                  {"failed", false},
                  {"ops", 4},
                  {"summary", "unchanged · 4 ops · 0.5 ms"},
                  {"uri", second_}}));
}

TEST_F(PassDocumentsTest, APassKnowsItsNeighbours) {
  initialize();
  lower("a.py", kKernel);
  auto pass = [&](const Json &arguments) {
    return request("workspace/executeCommand",
                   {{"command", "irlens.pass"}, {"arguments", arguments}});
  };
  auto of = [&](const Json &arguments) { return pass(arguments)["result"]; };
  Json onlyList{{"list", list_}};
  EXPECT_EQ(of({document("ttgir.mlir")}), onlyList) << "not recorded yet";
  content(list_);
  sync();
  Json place = of({second_});
  EXPECT_EQ(place, (Json{{"list", list_},
                         {"uri", second_},
                         {"previous", first_},
                         {"before", first_},
                         {"title", "before ↔ after second"}}));
  EXPECT_EQ(of({list_, 2}), place);
  Json first = of({first_, 77});
  EXPECT_EQ(first["next"], second_);
  EXPECT_FALSE(first.contains("previous") || first.contains("before"));
  for (const Json &line : {Json(0), Json(3), Json(-1), Json("x"), Json()})
    EXPECT_EQ(of({list_, line}), onlyList) << line;
  EXPECT_TRUE(of({document("ptx.ptx")}).is_null());
  EXPECT_TRUE(pass({uri("a.py")}).contains("error"));
  EXPECT_TRUE(pass(Json::array()).contains("error"));
  // One that failed has made nothing that could be compared.
  write("a.py", kKernel + "# fake: fail ttgir\n");
  save("a.py");
  content(list_);
  sync();
  place = of({second_});
  EXPECT_EQ(place["previous"], first_);
  EXPECT_FALSE(place.contains("before"));
}

TEST_F(PassDocumentsTest, LensesLeadFromPassToPass) {
  initialize(allCapabilities(),
             {{"clientCommands", {"irlens.open", "irlens.diff"}}});
  lower("a.py", kKernel);
  Json lenses = lensesOf(document("ttgir.mlir"));
  ASSERT_EQ(lenses.size(), 1u);
  EXPECT_EQ(lenses[0]["command"]["title"], "▸ passes");
  EXPECT_EQ(lenses[0]["command"]["command"], "irlens.open");
  EXPECT_EQ(lenses[0]["command"]["arguments"][0], list_);
  content(list_);
  sync();
  EXPECT_EQ(lensesOf(document("ttgir.mlir"))[0]["command"]["title"],
            "▸ 2 passes");
  EXPECT_TRUE(lensesOf(list_).is_null());
  EXPECT_TRUE(lensesOf(document("ptx.ptx")).is_null());
  lenses = lensesOf(second_);
  ASSERT_EQ(lenses.size(), 3u);
  EXPECT_EQ(lenses[0]["command"]["title"],
            "▸ pass 2 of 2 · unchanged · 4 ops · 0.5 ms");
  EXPECT_EQ(lenses[1]["command"]["title"], "◂ first");
  EXPECT_EQ(lenses[1]["command"]["arguments"][0], first_);
  EXPECT_EQ(lenses[2]["command"]["command"], "irlens.diff");
  EXPECT_EQ(lenses[2]["command"]["arguments"],
            Json::array({first_, second_, "before ↔ after second"}));
  EXPECT_EQ(lensesOf(first_)[1]["command"]["title"], "second ▸");
}

TEST_F(PassDocumentsTest, AClientWithoutCommandsGetsLensesOfTheServer) {
  initialize();
  lower("a.py", kKernel);
  content(list_);
  sync();
  Json lenses = lensesOf(second_);
  ASSERT_EQ(lenses.size(), 2u) << "nobody could show a difference";
  for (const Json &lens : lenses)
    EXPECT_EQ(lens["command"]["command"], "irlens.showDocument");
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

// Diagnostics while somebody types in an IR file: they follow the buffer, cost
// no work twice, and make room for the run's own on a save. And the schema of
// .irlens.json, which has the names of passes as soon as they are known.
#include "tests/unit/lsp/feature_fixture.h"

namespace irlens::lsp::test {
namespace {

const std::string kFunction = "func.func @f() {\n"
                              "  return\n"
                              "}\n";
const std::string kName = "f.mlir";

class TypingTest : public FeatureTest {
protected:
  /// Types a whole text and waits for what is said of it.
  Json type(const std::string &text) {
    edit(text, kName);
    sync();
    return diagnosticsOf(kName);
  }
  Json saveAs(const std::string &text) {
    write(kName, text);
    save(kName);
    sync();
    return diagnosticsOf(kName);
  }
  auto checks() const { return std::ranges::count(requests(), "check"); }
  static Json range(int line, int begin, int end) {
    return {{"start", {{"line", line}, {"character", begin}}},
            {"end", {{"line", line}, {"character", end}}}};
  }
};

TEST_F(TypingTest, DiagnosticsFollowTheBuffer) {
  initialize(Json::object()); // UTF-16
  lower(kName, kFunction);
  EXPECT_EQ(checks(), 0) << "the run has looked at this text";
  Json found = type(kFunction + "\"\xF0\x9F\x98\x80\" // fake: wrong 8-12\n");
  ASSERT_EQ(found.size(), 1u) << found;
  EXPECT_EQ(found[0]["range"], range(3, 5, 9));
  EXPECT_EQ(found[0]["message"], "wrong\nf.mlir:1: in this file");
  EXPECT_EQ(found[0]["source"], "irlens");
  EXPECT_EQ(type(kFunction + "// better\n"), Json::array());
}

TEST_F(TypingTest, NotesAreRelatedInformation) {
  initialize();
  lower(kName, kFunction);
  Json found = type(kFunction + "x // fake: wrong 1-2\n");
  const Json &note = found[0]["relatedInformation"][0];
  EXPECT_EQ(note["message"], "in this file");
  EXPECT_EQ(note["location"]["uri"], uri(kName));
  EXPECT_EQ(note["location"]["range"], range(0, 0, 16));
}

TEST_F(TypingTest, NoTextIsCheckedTwice) {
  initialize();
  lower(kName, kFunction);
  edit(kFunction + "1", kName);
  edit(kFunction + "12", kName);
  edit(kFunction + "123", kName);
  sync();
  EXPECT_EQ(checks(), 1) << "only the last of a burst";
  type(kFunction + "123");
  EXPECT_EQ(checks(), 1);
  edit(kFunction + "1234", kName);
  type(kFunction + "123");
  EXPECT_EQ(checks(), 1) << "as checked before";
  type(kFunction);
  EXPECT_EQ(checks(), 1) << "as saved";
}

TEST_F(TypingTest, ANewerTextEndsTheCheckOfAnOlder) {
  initialize();
  lower(kName, kFunction);
  edit(kFunction + "// fake: hang check\n", kName);
  waitFor("window/logMessage"); // The worker says that it hangs.
  Json found = type(kFunction + "x // fake: wrong 1-2\n");
  ASSERT_EQ(found.size(), 1u) << found;
  EXPECT_EQ(found[0]["range"], range(3, 0, 1));
}

TEST_F(TypingTest, OnASaveTheRunsOwnTakeOver) {
  initialize();
  lower(kName, kFunction);
  std::string text = kFunction + "x // fake: wrong 1-2\n"
                                 "y // fake: fail llvm-dialect 1-2\n";
  Json found = type(text);
  ASSERT_EQ(found.size(), 1u) << found;
  EXPECT_EQ(found[0]["range"], range(3, 0, 1));
  found = saveAs(text);
  ASSERT_EQ(found.size(), 1u) << found;
  EXPECT_EQ(found[0]["code"], "llvm-dialect");
  EXPECT_EQ(checks(), 1);
  // What reading the text has found is for the check to say again.
  found = type(text + "\n");
  ASSERT_EQ(found.size(), 1u) << found;
  EXPECT_EQ(found[0]["message"].get<std::string>().substr(0, 5), "wrong");
  // Undone: nothing has to be checked to know it.
  found = type(text);
  ASSERT_EQ(found.size(), 1u) << found;
  EXPECT_EQ(found[0]["code"], "llvm-dialect");
  EXPECT_EQ(checks(), 2);
}

TEST_F(TypingTest, WhatLaterStagesSaidStaysOnItsLine) {
  initialize();
  std::string failing = "y // fake: fail llvm-ir 1-2\n";
  lower(kName, kFunction + failing);
  ASSERT_EQ(diagnosticsOf(kName).size(), 1u) << diagnosticsOf(kName);
  Json found = type("// new\n" + kFunction + failing);
  ASSERT_EQ(found.size(), 1u) << found;
  EXPECT_EQ(found[0]["range"], range(4, 0, 1));
  EXPECT_EQ(found[0]["code"], "llvm-ir");
  EXPECT_EQ(type("// new\n" + kFunction + "z\n"), Json::array());
}

TEST_F(TypingTest, ACheckThatDiesLeavesWhatTheRunSaid) {
  initialize();
  std::string failing = kFunction + "y // fake: fail llvm-dialect 1-2\n";
  lower(kName, failing);
  EXPECT_EQ(type(failing + "// better\n"), Json::array());
  clear();
  Json found = type(failing + "// fake: die check\n");
  ASSERT_EQ(found.size(), 1u) << found;
  EXPECT_EQ(found[0]["code"], "llvm-dialect");
  bool logged = false;
  for (const Json &message : received("window/logMessage"))
    logged = logged || message["params"]["message"].get<std::string>().contains(
                           "f.mlir could not be checked");
  EXPECT_TRUE(logged);
  EXPECT_EQ(type(failing + "// better\n"), Json::array()) << "the next is";
}

TEST_F(TypingTest, ClosingWithdrawsThem) {
  initialize();
  lower(kName, kFunction);
  ASSERT_EQ(type(kFunction + "x // fake: wrong 1-2\n").size(), 1u);
  notify("textDocument/didClose", {{"textDocument", {{"uri", uri(kName)}}}});
  sync();
  EXPECT_EQ(diagnosticsOf(kName), Json::array());
}

TEST_F(TypingTest, AnOpenedTextThatNoRunLooksAtIsChecked) {
  initialize(allCapabilities(), {{"runOnOpen", false}});
  lower("f.ll", "x ; fake: wrong 1-2\n");
  EXPECT_EQ(diagnosticsOf("f.ll").size(), 1u);
  EXPECT_EQ(checks(), 1);
}

TEST_F(TypingTest, ASavedTextThatNoStageReadsIsChecked) {
  initialize();
  std::string text = "x ; fake: wrong 1-2\n"
                     "y ; fake: fail llvm-ir-opt 1-2\n";
  lower("f.ll", text); // A save makes nothing of it.
  Json found = diagnosticsOf("f.ll");
  ASSERT_EQ(found.size(), 1u) << found;
  EXPECT_EQ(found[0]["range"], range(0, 0, 1));
  edit(text + "z\n", "f.ll");
  sync();
  write("f.ll", text + "z\n");
  save("f.ll");
  sync();
  EXPECT_EQ(checks(), 2) << "the text was checked before it was saved";
  EXPECT_EQ(diagnosticsOf("f.ll").size(), 1u);
  // Somebody opens a stage: then the run has read the text.
  content(documentUri({unitOf(workspace() / "f.ll"), "f", "llvm-ir-opt.ll"}));
  sync();
  found = diagnosticsOf("f.ll");
  ASSERT_EQ(found.size(), 1u) << found;
  EXPECT_EQ(found[0]["code"], "llvm-ir-opt");
}

TEST_F(TypingTest, OnlyTextsOfThisWorkerAreChecked) {
  initialize();
  for (const char *name : {"a.py", "a.ttir", "a.ptx", "a.txt"}) {
    lower(name, "1\n");
    edit("2\n", name);
  }
  sync();
  EXPECT_EQ(checks(), 0);
}

TEST_F(TypingTest, TheSettingEndsIt) {
  initialize();
  lower(kName, kFunction);
  ASSERT_EQ(type(kFunction + "x // fake: wrong 1-2\n").size(), 1u);
  notify("workspace/didChangeConfiguration",
         {{"settings", {{"checkWhileTyping", false}}}});
  sync();
  EXPECT_EQ(diagnosticsOf(kName), Json::array());
  type(kFunction + "y // fake: wrong 1-2\n");
  EXPECT_EQ(checks(), 1);
}

TEST_F(TypingTest, TheSchemaGetsTheNamesOfPasses) {
  initialize();
  EXPECT_FALSE(content(std::string(kSchemaUri)).contains("fake-pass"));
  EXPECT_EQ(waitFor("workspace/textDocumentContent/refresh")["params"]["uri"],
            kSchemaUri);
  EXPECT_TRUE(content(std::string(kSchemaUri)).contains("--fake-pass"));
}

} // namespace
} // namespace irlens::lsp::test

// The server as a client without a process sees it: its life, its manners, what
// it does when files change.
#include "tests/unit/lsp/harness.h"

#include "lsp/documents/ir_documents.h"
#include "lsp/wire/uri.h"

#include <gtest/gtest.h>

#include <fstream>

namespace irlens::lsp::test {
namespace {

constexpr const char *kModel = "class Net:\n"
                               "    x = relu\n"
                               "__explore__(Net, 1)\n";

int errorOf(const Json &answer) { return answer.at("error").at("code"); }

class ServerTest : public testing::Test, protected Harness {
protected:
  std::string documentOf(const std::string &name, const std::string &file,
                         const std::string &entry = "Net") {
    return documentUri({unitOf(workspace() / name), entry, file});
  }
  std::string content(const std::string &uri) {
    return result("workspace/textDocumentContent", {{"uri", uri}}).at("text");
  }
};

// --- Life
// --------------------------------------------------------------------------

TEST_F(ServerTest, RequestsOutsideOfASession) {
  EXPECT_EQ(errorOf(request("textDocument/hover", Json::object())), -32002);
  EXPECT_EQ(errorOf(request("shutdown", nullptr)), -32002);
  initialize();
  EXPECT_EQ(errorOf(request("initialize", Json::object())), -32600);
  EXPECT_TRUE(result("shutdown", nullptr).is_null());
  EXPECT_EQ(errorOf(request("textDocument/hover", Json::object())), -32600);
  EXPECT_EQ(errorOf(request("shutdown", nullptr)), -32600);
  EXPECT_EQ(errorOf(request("initialize", Json::object())), -32600);
  notify("exit", nullptr);
  EXPECT_EQ(waitForExit(), 0);
}

TEST_F(ServerTest, ExitWithoutShutdown) {
  initialize();
  notify("exit", nullptr);
  EXPECT_EQ(waitForExit(), 1);
}

TEST_F(ServerTest, ExitBeforeInitialize) {
  notify("exit", nullptr);
  EXPECT_EQ(exitCode(), 1);
}

TEST_F(ServerTest, UnknownMethods) {
  initialize();
  EXPECT_EQ(errorOf(request("textDocument/rename", Json::object())), -32601);
  EXPECT_EQ(errorOf(request("$/unknown", Json::object())), -32601);
  clear();
  notify("$/setTrace", {{"value", "off"}});
  notify("workspace/didRenameFiles", Json::object());
  sync();
  EXPECT_TRUE(received("window/showMessage").empty());
}

TEST_F(ServerTest, ADeadClientEndsTheServer) {
  request("initialize",
          {{"processId", 999'999'999}, {"capabilities", Json::object()}});
  EXPECT_EQ(waitForExit(), 1);
}

TEST_F(ServerTest, SyncIsCancelledAndAnsweredOnce) {
  initialize();
  std::string text = std::string(kModel) + "# fake: hang fx\n";
  write("a.py", text);
  open("a.py", text);
  int waiting = ask("irlens/sync", nullptr);
  EXPECT_TRUE(answersTo(waiting).empty());
  notify("$/cancelRequest", {{"id", waiting}});
  ASSERT_EQ(answersTo(waiting).size(), 1u);
  EXPECT_EQ(errorOf(answersTo(waiting)[0]), -32800);
  // The run ends, and with it the waiting of the other.
  int other = ask("irlens/sync", nullptr);
  request("workspace/executeCommand",
          {{"command", "irlens.cancel"},
           {"arguments", Json::array({uri("a.py")})}});
  waitUntil([&] { return !answersTo(other).empty(); }, "answer to sync");
  EXPECT_TRUE(answersTo(other)[0].contains("result"));
  EXPECT_EQ(answersTo(waiting).size(), 1u);
}

TEST_F(ServerTest, WhatWaitsIsAnsweredAtShutdown) {
  initialize();
  std::string text = std::string(kModel) + "# fake: hang fx\n";
  write("a.py", text);
  open("a.py", text);
  int waiting = ask("irlens/sync", nullptr);
  request("shutdown", nullptr);
  ASSERT_EQ(answersTo(waiting).size(), 1u);
  EXPECT_TRUE(answersTo(waiting)[0].contains("error"));
}

TEST_F(ServerTest, AllKindsOfSourcesAreWatched) {
  initialize();
  Json watchers;
  Json params = waitFor("client/registerCapability")["params"];
  for (const Json &item : params["registrations"])
    if (item["method"] == "workspace/didChangeWatchedFiles")
      watchers = item["registerOptions"]["watchers"];
  ASSERT_EQ(watchers.size(), 2u);
  auto pattern = watchers[0]["globPattern"].get<std::string>();
  for (const engine::Origin &origin : engine().table().origins())
    for (const std::string &extension : origin.extensions)
      EXPECT_TRUE(pattern.contains("{" + extension + ",") ||
                  pattern.contains("," + extension + ",") ||
                  pattern.contains("," + extension + "}"))
          << extension << " in " << pattern;
  EXPECT_EQ(watchers[1]["globPattern"], "**/.irlens.json");
}

TEST_F(ServerTest, OddParametersAreErrorsNotCrashes) {
  initialize();
  for (const char *method :
       {"textDocument/hover", "textDocument/definition",
        "textDocument/declaration", "textDocument/implementation",
        "textDocument/codeLens", "workspace/textDocumentContent",
        "workspace/executeCommand"})
    for (
        const char *params :
        {"null", "[]", "5", "{}", R"({"textDocument":5})",
         R"({"textDocument":{"uri":5}})",
         R"({"textDocument":{"uri":"file:///a.py"},"position":{"line":-1,"character":0}})",
         R"({"textDocument":{"uri":"file:///a.py"},"position":[]})",
         R"({"uri":{}})", R"({"command":"irlens.run","arguments":[{}]})",
         R"({"command":"irlens.nope"})"}) {
      Json answer = request(method, Json::parse(params));
      if (answer.contains("error")) {
        EXPECT_EQ(errorOf(answer), -32602) << method << params;
      } else {
        EXPECT_TRUE(answer.at("result").is_null())
            << method << params << answer;
      }
    }
  for (const char *method :
       {"textDocument/didOpen", "textDocument/didChange",
        "textDocument/didSave", "textDocument/didClose",
        "workspace/didChangeWatchedFiles", "workspace/didChangeConfiguration",
        "window/workDoneProgress/cancel", "initialized"})
    for (const char *params :
         {"null", "[]", "5", "{}", R"({"changes":[5,{"uri":5}]})",
          R"({"textDocument":{"uri":7}})", R"({"settings":5})"})
      notify(method, Json::parse(params));
  sync();
}

// --- Settings
// ------------------------------------------------------------------------

TEST_F(ServerTest, WrongSettingsAreNamedWithTheRightOne) {
  initialize(allCapabilities(),
             {{"timeoutSecond", 5}, {"clientCommands", Json::array()}});
  sync();
  Json message = waitFor("window/showMessage");
  EXPECT_NE(
      message["params"]["message"].get<std::string>().find("timeoutSeconds"),
      std::string::npos);
}

TEST_F(ServerTest, ConfigurationIsAskedForAndReplacesTheLastOne) {
  onServerRequest = [](const Json &request) -> std::optional<Json> {
    if (request["method"] == "workspace/configuration")
      return Json::array(
          {{{"timeoutSeconds", 7}, {"trace", {{"server", "off"}}}}});
    return Json();
  };
  initialize(allCapabilities(), {{"memoryMegabytes", 99}});
  sync();
  EXPECT_EQ(engine().settings().timeoutSeconds, 7);
  EXPECT_EQ(engine().settings().memoryMegabytes, 99);
  EXPECT_EQ(engine().settings().root, workspace().string());
  EXPECT_TRUE(received("window/showMessage").empty());
  notify("workspace/didChangeConfiguration",
         {{"settings", {{"irlens", {{"storeMegabytes", 3}}}}}});
  EXPECT_EQ(engine().settings().storeMegabytes, 3);
  EXPECT_EQ(engine().settings().timeoutSeconds, 60);
  notify("workspace/didChangeConfiguration", {{"settings", nullptr}});
  sync();
  EXPECT_EQ(engine().settings().timeoutSeconds, 7);
}

TEST_F(ServerTest, NothingIsAskedOfAClientThatDoesNotOfferIt) {
  delays = {.coalesce = {}, .progress = {}};
  initialize(Json::object());
  lower("a.py", kModel);
  for (const char *method :
       {"workspace/configuration", "client/registerCapability",
        "workspace/codeLens/refresh", "window/workDoneProgress/create",
        "workspace/textDocumentContent/refresh"})
    EXPECT_TRUE(received(method).empty()) << method;
}

// --- When things are lowered
// -----------------------------------------------------

TEST_F(ServerTest, OpenLowersUnlessTheSettingSaysNo) {
  initialize(allCapabilities(), {{"runOnOpen", false}});
  lower("a.py", kModel);
  EXPECT_FALSE(file("a.py"));
  save("a.py");
  sync();
  EXPECT_EQ(file("a.py")->generation, 1u);
}

TEST_F(ServerTest, SaveReadsTheDiskNotTheBuffer) {
  initialize();
  lower("a.py", kModel);
  // As yegappan/lsp does it: didSave comes before the didChange that belongs to
  // it.
  write("a.py", "new = line\n" + std::string(kModel));
  save("a.py");
  notify("textDocument/didChange",
         {{"textDocument", {{"uri", uri("a.py")}, {"version", 4}}},
          {"contentChanges",
           Json::array({{{"text", "new = line\n" + std::string(kModel)}}})}});
  sync();
  EXPECT_NE(content(documentOf("a.py", "fx.fx.py")).find("new = line"),
            std::string::npos);
}

TEST_F(ServerTest, OtherSchemesAreIgnored) {
  initialize();
  for (const char *uri :
       {"git:/ws/a.py?x", "untitled:Untitled-1",
        "vscode-notebook-cell:/ws/n.ipynb#W0s", "vscode:whatever"}) {
    notify("textDocument/didOpen", {{"textDocument",
                                     {{"uri", uri},
                                      {"languageId", "python"},
                                      {"version", nullptr},
                                      {"text", kModel}}}});
    notify("textDocument/didSave", {{"textDocument", {{"uri", uri}}}});
    Json position = {{"textDocument", {{"uri", uri}}},
                     {"position", {{"line", 0}, {"character", 0}}}};
    EXPECT_TRUE(result("textDocument/codeLens", position).is_null());
    EXPECT_TRUE(result("textDocument/hover", position).is_null());
    EXPECT_TRUE(result("textDocument/definition", position).is_null());
    EXPECT_TRUE(result("textDocument/declaration", position).is_null());
    EXPECT_TRUE(result("textDocument/implementation", position).is_null());
    notify("textDocument/didClose", {{"textDocument", {{"uri", uri}}}});
  }
  sync();
  EXPECT_TRUE(engine().files().empty());
}

TEST_F(ServerTest, ImportersAreLoweredWhenAModuleChanges) {
  initialize();
  std::filesystem::path blocks = write("blocks.py", "relu = 1\n");
  lower("a.py",
        std::string(kModel) + "# fake: import " + blocks.string() + "\n");
  EXPECT_EQ(file("a.py")->generation, 1u);
  write("blocks.py", "relu = 22\n");
  save("blocks.py");
  sync();
  EXPECT_EQ(file("a.py")->generation, 2u);
  auto changed = [&](const std::string &name, int type) {
    notify("workspace/didChangeWatchedFiles",
           {{"changes", Json::array({{{"uri", uri(name)}, {"type", type}}})}});
    sync();
  };
  write("blocks.py", "relu = 333\n");
  changed("blocks.py", 2);
  EXPECT_EQ(file("a.py")->generation, 3u);
  // A file that nobody looks at.
  write("other.py", kModel);
  changed("other.py", 1);
  EXPECT_FALSE(file("other.py"));
  EXPECT_EQ(file("a.py")->generation, 3u);
}

TEST_F(ServerTest, FilesBelowAFolderAreLoweredWhenItsSettingsChange) {
  initialize();
  std::string text = std::string(kModel) + "# fake: fail fx\n";
  lower("a.py", text);
  write("a.py", text + "# new\n");
  write(".irlens.json", "{}\n");
  save(".irlens.json");
  sync();
  EXPECT_EQ(file("a.py")->generation, 2u) << "it is read again";
  write("a.py", text + "# newer\n");
  notify("workspace/didChangeWatchedFiles",
         {{"changes",
           Json::array({{{"uri", uri(".irlens.json")}, {"type", 3}}})}});
  sync();
  EXPECT_EQ(file("a.py")->generation, 3u);
  EXPECT_FALSE(file(".irlens.json"));
}

TEST_F(ServerTest, StagesOfOpenDocumentsComeFirst) {
  initialize();
  lower("a.py", kModel);
  std::vector<std::string> first = requests();
  EXPECT_TRUE(first[0].starts_with("capture output,torchscript,fx,"))
      << first[0];
  content(documentOf("a.py", "nvptx.ptx"));
  sync();
  std::size_t before = requests().size();
  write("a.py", std::string(kModel) + "more = 1\n");
  save("a.py");
  sync();
  std::vector<std::string> then = requests();
  ASSERT_GT(then.size(), before);
  EXPECT_TRUE(then[before].starts_with("capture torch,linalg,output,"))
      << then[before];
  EXPECT_TRUE(std::ranges::any_of(
      then.begin() + static_cast<std::ptrdiff_t>(before), then.end(),
      [](const std::string &line) { return line.contains("nvptx"); }));
}

TEST_F(ServerTest, AStageThatNobodyAskedForIsMadeWhenItIsOpened) {
  initialize(allCapabilities(), {{"stages", Json::array({"fx"})}});
  lower("a.py", kModel);
  std::string uri = documentOf("a.py", "linalg.mlir");
  EXPECT_EQ(content(uri), "// irlens: Linalg of Net: pending\n");
  sync();
  Json refresh = waitFor("workspace/textDocumentContent/refresh");
  EXPECT_EQ(refresh["params"]["uri"], uri);
  EXPECT_NE(content(uri).find("linalg.op"), std::string::npos);
}

TEST_F(ServerTest, ClosedFilesAreForgottenOnceTheirDocumentsAreClosedToo) {
  initialize();
  lower("a.py", std::string(kModel) + "# fake: fail linalg\n");
  std::string document = documentOf("a.py", "fx.fx.py");
  notify("textDocument/didOpen", {{"textDocument",
                                   {{"uri", document},
                                    {"languageId", "python"},
                                    {"version", 0},
                                    {"text", content(document)}}}});
  notify("textDocument/didClose", {{"textDocument", {{"uri", uri("a.py")}}}});
  sync();
  EXPECT_TRUE(file("a.py"));
  clear();
  notify("textDocument/didClose", {{"textDocument", {{"uri", document}}}});
  sync();
  EXPECT_FALSE(file("a.py"));
  // Its diagnostics go with it.
  Json published = waitFor("textDocument/publishDiagnostics");
  EXPECT_EQ(published["params"]["diagnostics"], Json::array());
}

TEST_F(ServerTest, DocumentsFindTheirFileAfterARestart) {
  initialize();
  lower("a.py", kModel);
  std::string document = documentOf("a.py", "fx.fx.py");
  // What another session finds on the disk.
  IrDocuments later(store(), true);
  EXPECT_EQ(later.source(unitOf(workspace() / "a.py")), workspace() / "a.py");
  EXPECT_FALSE(later.source("b-00000000"));
  // A note that does not fit its name is not believed.
  std::ofstream(store() / "units" / "b-00000000") << "/etc/passwd";
  EXPECT_FALSE(later.source("b-00000000"));
}

TEST_F(ServerTest, ADocumentOpenedAloneStartsItsRun) {
  write("a.py", kModel);
  IrDocuments(store(), true).note(workspace() / "a.py");
  initialize();
  std::string document = documentOf("a.py", "linalg.mlir");
  EXPECT_NE(content(document).find("pending"), std::string::npos);
  sync();
  waitFor("workspace/textDocumentContent/refresh");
  EXPECT_NE(content(document).find("linalg.op"), std::string::npos);
}

} // namespace
} // namespace irlens::lsp::test

#include "tests/unit/lsp/harness.h"

#include "tests/support/fake_workers.h"

#include "lsp/wire/uri.h"

#include "engine/store/files.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace irlens::lsp::test {

TemporaryFolder::TemporaryFolder() {
  std::string name =
      (std::filesystem::temp_directory_path() / "irlens-test-XXXXXX").string();
  path_ = engine::normalPath(::mkdtemp(name.data()));
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Harness::Harness() {
  std::filesystem::create_directories(workspace());
  irlens::test::installFakeWorkers(folder_.path() / "fake",
                                   IRLENS_TEST_SUPPORT);
}

Harness::~Harness() = default;

Server &Harness::server() {
  if (server_)
    return *server_;
  engine::Settings settings =
      irlens::test::fakeSettings(folder_.path() / "fake");
  settings.store = store().string();
  auto createEngine = [this](engine::EventLoop &loop, engine::Settings with,
                             engine::Listener &listener) {
    auto engine = engine::Engine::create(loop, std::move(with), listener);
    engine_ = engine ? engine->get() : nullptr;
    return engine;
  };
  server_ = std::make_unique<Server>(
      loop_, Server::Options{settings, createEngine, delays},
      [this](const std::string &body) { receive(Json::parse(body)); },
      [this](int code) {
        exitCode_ = code;
        loop_.stop();
      });
  return *server_;
}

Json Harness::allCapabilities() {
  return Json::parse(R"({
    "general": {"positionEncodings": ["utf-8", "utf-16"]},
    "window": {"workDoneProgress": true, "showDocument": {"support": true}},
    "workspace": {"applyEdit": true, "textDocumentContent": {}, "codeLens": {"refreshSupport": true},
                  "configuration": true,
                  "didChangeConfiguration": {"dynamicRegistration": true},
                  "didChangeWatchedFiles": {"dynamicRegistration": true}},
    "textDocument": {"hover": {"contentFormat": ["markdown"]},
                     "definition": {"linkSupport": true},
                     "publishDiagnostics": {"relatedInformation": true}}
  })");
}

Json Harness::initialize(Json capabilities, Json options) {
  Json answer =
      result("initialize", {{"processId", nullptr},
                            {"rootUri", fileUri(workspace())},
                            {"capabilities", std::move(capabilities)},
                            {"initializationOptions", std::move(options)}});
  notify("initialized", Json::object());
  return answer;
}

int Harness::ask(const std::string &method, Json params) {
  int id = nextId_++;
  send({{"jsonrpc", "2.0"},
        {"id", id},
        {"method", method},
        {"params", std::move(params)}});
  return id;
}

std::vector<Json> Harness::answersTo(const Json &id) const {
  std::vector<Json> found;
  for (const Json &message : messages_)
    if (!message.contains("method") && message["id"] == id)
      found.push_back(message);
  return found;
}

Json Harness::request(const std::string &method, Json params) {
  int id = ask(method, std::move(params));
  waitUntil([&] { return !answersTo(id).empty(); }, "answer to " + method);
  std::vector<Json> answers = answersTo(id);
  return answers.empty() ? Json() : answers.front();
}

Json Harness::result(const std::string &method, Json params) {
  Json answer = request(method, std::move(params));
  EXPECT_TRUE(answer.contains("result")) << answer;
  return at(answer, "result");
}

void Harness::notify(const std::string &method, Json params) {
  send({{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}});
}

void Harness::send(const Json &message) { server().receive(message.dump()); }

void Harness::sync() { result("irlens/sync", nullptr); }

void Harness::waitUntil(const std::function<bool()> &isSo,
                        const std::string &what) {
  bool late = false;
  auto limit = loop_.after(std::chrono::seconds(60), [&] {
    late = true;
    loop_.stop();
  });
  // receive() stops the loop at each message, but a loop that does not run
  // would then not begin to.
  while (!isSo() && !late) {
    runs_ = true;
    loop_.run();
    runs_ = false;
  }
  EXPECT_FALSE(late) << "no " << what;
}

Json Harness::waitFor(const std::string &method) {
  waitUntil([&] { return !received(method).empty(); }, method);
  std::vector<Json> found = received(method);
  return found.empty() ? Json() : found.front();
}

int Harness::waitForExit() {
  waitUntil([&] { return exitCode_.has_value(); }, "exit");
  return exitCode_.value_or(-1);
}

std::filesystem::path Harness::write(const std::string &name,
                                     const std::string &text) {
  std::filesystem::path path = workspace() / name;
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

std::string Harness::uri(const std::string &name) const {
  return fileUri(workspace() / name);
}

void Harness::open(const std::string &name, const std::string &text) {
  notify("textDocument/didOpen", {{"textDocument",
                                   {{"uri", uri(name)},
                                    {"languageId", "python"},
                                    {"version", 1},
                                    {"text", text}}}});
}

void Harness::save(const std::string &name) {
  notify("textDocument/didSave", {{"textDocument", {{"uri", uri(name)}}}});
}

void Harness::lower(const std::string &name, const std::string &text) {
  write(name, text);
  open(name, text);
  sync();
}

std::string Harness::hold(const std::string &stage) const {
  return "# fake: hold " + stage + " " + (folder_.path() / "go").string() +
         "\n";
}

void Harness::release() { std::ofstream(folder_.path() / "go"); }

const engine::FileState *Harness::file(const std::string &name) {
  return engine_->file(workspace() / name);
}

std::vector<std::string> Harness::requests() const {
  std::vector<std::string> lines;
  std::ifstream log(folder_.path() / "fake/log");
  for (std::string line; std::getline(log, line);)
    if (line != "start" && line != "cancel")
      lines.push_back(line);
  return lines;
}

std::vector<Json> Harness::received(const std::string &method) const {
  std::vector<Json> found;
  for (const Json &message : messages_)
    if (asString(at(message, "method")) == method)
      found.push_back(message);
  return found;
}

void Harness::receive(const Json &message) {
  messages_.push_back(message);
  if (runs_)
    loop_.stop(); // For waitUntil().
  if (!message.contains("method") || !message.contains("id"))
    return;
  std::optional<Json> answer =
      onServerRequest ? onServerRequest(message) : std::optional<Json>(Json());
  if (answer)
    // Later, as from a real client: not from inside the server's own call.
    loop_.post([this, id = message["id"], answer = *answer] {
      send({{"jsonrpc", "2.0"}, {"id", id}, {"result", answer}});
    });
}

} // namespace irlens::lsp::test

#include "tests/unit/lsp/harness.h"

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
  engine::Settings settings;
  settings.store = store().string();
  auto createEngine = [this](engine::EventLoop &loop, engine::Settings with,
                             engine::Listener &listener)
      -> engine::Result<std::unique_ptr<engine::Engine>> {
    auto engine = std::make_unique<FakeEngine>(loop, std::move(with), listener,
                                               folder_.path() / "artifacts");
    engine_ = engine.get();
    return engine;
  };
  server_ = std::make_unique<Server>(
      loop_, Server::Options{settings, createEngine},
      [this](const std::string &body) { receive(Json::parse(body)); },
      [this](int code) { exitCode_ = code; });
}

Harness::~Harness() = default;

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

Json Harness::request(const std::string &method, Json params) {
  int id = nextId_++;
  send({{"jsonrpc", "2.0"},
        {"id", id},
        {"method", method},
        {"params", std::move(params)}});
  for (int turns = 0; turns < 2000; ++turns) {
    for (const Json &message : messages_)
      if (!message.contains("method") && message["id"] == id)
        return message;
    spin(5);
  }
  ADD_FAILURE() << "no answer to " << method;
  return {};
}

Json Harness::result(const std::string &method, Json params) {
  Json answer = request(method, std::move(params));
  EXPECT_TRUE(answer.contains("result")) << answer;
  return at(answer, "result");
}

void Harness::notify(const std::string &method, Json params) {
  send({{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}});
}

void Harness::send(const Json &message) { server_->receive(message.dump()); }

void Harness::sync() { result("irlens/sync", nullptr); }

Json Harness::waitFor(const std::string &method) {
  for (int turns = 0; turns < 2000; ++turns) {
    if (std::vector<Json> found = received(method); !found.empty())
      return found.front();
    spin(5);
  }
  ADD_FAILURE() << "no " << method;
  return {};
}

void Harness::spin(int milliseconds) {
  auto timer = loop_.after(std::chrono::milliseconds(milliseconds),
                           [this] { loop_.stop(); });
  loop_.run();
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

std::vector<Json> Harness::received(const std::string &method) const {
  std::vector<Json> found;
  for (const Json &message : messages_)
    if (asString(at(message, "method")) == method)
      found.push_back(message);
  return found;
}

void Harness::receive(const Json &message) {
  messages_.push_back(message);
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

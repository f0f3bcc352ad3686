// A server in the test's own process, with the fake engine and without a
// transport: messages go in as JSON, what comes out is kept.
#pragma once

#include "tests/unit/lsp/fake_engine.h"

#include "lsp/server.h"
#include "lsp/wire/json.h"

#include "engine/loop/event_loop.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace irlens::lsp::test {

/// A folder that goes with the test.
class TemporaryFolder {
public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder &) = delete;
  TemporaryFolder &operator=(const TemporaryFolder &) = delete;
  const std::filesystem::path &path() const { return path_; }

private:
  std::filesystem::path path_;
};

class Harness {
public:
  Harness();
  ~Harness();

  /// Capabilities of a client that has everything.
  static Json allCapabilities();
  /// initialize and initialized; returns the result of initialize.
  Json initialize(Json capabilities = allCapabilities(),
                  Json options = Json::object());

  /// Sends a request and runs the loop until its answer is there; the whole
  /// message.
  Json request(const std::string &method, Json params);
  /// The `result` of a request that must not fail.
  Json result(const std::string &method, Json params);
  void notify(const std::string &method, Json params);
  void send(const Json &message);
  /// Runs the loop until all runs are over and everything has been told.
  void sync();
  /// Runs the loop until a message of this method has come since the last
  /// clear().
  Json waitFor(const std::string &method);
  /// Lets the loop turn for a while.
  void spin(int milliseconds);

  /// Writes a file of the workspace; returns its path.
  std::filesystem::path write(const std::string &name, const std::string &text);
  std::string uri(const std::string &name) const;
  void open(const std::string &name, const std::string &text);
  void save(const std::string &name);
  /// Writes, opens and waits.
  void lower(const std::string &name, const std::string &text);

  /// Messages of the server with this method, in order.
  std::vector<Json> received(const std::string &method) const;
  void clear() { messages_.clear(); }

  FakeEngine &engine() { return *engine_; }
  engine::EventLoop &loop() { return loop_; }
  std::optional<int> exitCode() const { return exitCode_; }
  std::filesystem::path workspace() const { return folder_.path() / "ws"; }
  std::filesystem::path store() const { return folder_.path() / "store"; }

  /// The answers that the client gives to requests of the server; null by
  /// default.
  std::function<std::optional<Json>(const Json &request)> onServerRequest;

private:
  void receive(const Json &message);

  TemporaryFolder folder_;
  engine::EventLoop loop_;
  FakeEngine *engine_ = nullptr;
  std::vector<Json> messages_;
  std::optional<int> exitCode_;
  int nextId_ = 1;
  std::unique_ptr<Server> server_;
};

} // namespace irlens::lsp::test

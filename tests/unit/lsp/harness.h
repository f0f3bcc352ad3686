// A server in the test's own process, without a transport: messages go in as
// JSON, what comes out is kept. The engine is the real one; its workers do what
// the lowered file says (tests/support/fake_worker.py).
#pragma once

#include "lsp/server.h"
#include "lsp/wire/json.h"

#include "engine/loop/event_loop.h"

#include <filesystem>
#include <functional>
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
  /// Sends a request that is answered later; returns its id.
  int ask(const std::string &method, Json params);
  /// What has come as the answer to a request, so far.
  std::vector<Json> answersTo(const Json &id) const;
  void notify(const std::string &method, Json params);
  void send(const Json &message);
  /// Runs the loop until all runs are over and everything has been told.
  void sync();
  /// Runs the loop until it is so. Asked anew after each message of the server.
  void waitUntil(const std::function<bool()> &isSo, const std::string &what);
  /// Runs the loop until a message of this method has come since the last
  /// clear().
  Json waitFor(const std::string &method);
  /// Runs the loop until the server is to end; its exit code.
  int waitForExit();

  /// Writes a file of the workspace; returns its path.
  std::filesystem::path write(const std::string &name, const std::string &text);
  std::string uri(const std::string &name) const;
  void open(const std::string &name, const std::string &text);
  void save(const std::string &name);
  /// Writes, opens and waits.
  void lower(const std::string &name, const std::string &text);
  /// Lets a stage go on that the file holds with hold(): "# fake: hold ...".
  std::string hold(const std::string &stage) const;
  void release();

  /// Messages of the server with this method, in order.
  std::vector<Json> received(const std::string &method) const;
  void clear() { messages_.clear(); }

  engine::Engine &engine() { return *engine_; }
  /// Null if the engine knows nothing of the file.
  const engine::FileState *file(const std::string &name);
  /// The requests that the workers got: "capture fx,torch", "lower Net ptx".
  std::vector<std::string> requests() const;
  std::optional<int> exitCode() const { return exitCode_; }
  std::filesystem::path workspace() const { return folder_.path() / "ws"; }
  std::filesystem::path store() const { return folder_.path() / "store"; }

  /// The answers that the client gives to requests of the server; null by
  /// default.
  std::function<std::optional<Json>(const Json &request)> onServerRequest;
  /// To be changed before anything is sent.
  Publisher::Delays delays;

private:
  Server &server();
  void receive(const Json &message);

  TemporaryFolder folder_;
  engine::EventLoop loop_;
  engine::Engine *engine_ = nullptr;
  bool runs_ = false; ///< The loop does.
  std::vector<Json> messages_;
  std::optional<int> exitCode_;
  int nextId_ = 1;
  std::unique_ptr<Server> server_;
};

} // namespace irlens::lsp::test

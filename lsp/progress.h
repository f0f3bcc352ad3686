// Work-done progress: one bar per run, with a cancel button.
// https://microsoft.github.io/language-server-protocol/specifications/lsp/3.18/specification/#workDoneProgress
// Loop thread only.
#pragma once

#include "lsp/wire/json_rpc.h"

#include "engine/artifact.h"
#include "engine/loop/event_loop.h"

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace irlens::lsp {

class Progress {
public:
  /// Runs that end sooner than `delay` show no bar.
  Progress(engine::EventLoop &loop, JsonRpc &rpc, bool supported,
           std::chrono::milliseconds delay)
      : loop_(loop), rpc_(rpc), supported_(supported), delay_(delay) {}

  void started(const engine::FileState &file);
  void changed(const engine::FileState &file);
  void finished(const engine::FileState &file, bool cancelled);
  /// The file whose bar has this token: the user wants its run to end.
  std::optional<std::filesystem::path> fileOf(const Json &token) const;

private:
  struct Bar {
    std::string token;
    std::string title;
    std::string message;
    int percent = 0;
    bool begun = false;
    std::unique_ptr<engine::Handle> timer;
  };
  void create(const std::filesystem::path &path);
  void begin(Bar &bar);
  void report(const Bar &bar, Json value);

  engine::EventLoop &loop_;
  JsonRpc &rpc_;
  bool supported_;
  std::chrono::milliseconds delay_;
  int nextToken_ = 1;
  std::map<std::filesystem::path, Bar> bars_;
};

} // namespace irlens::lsp

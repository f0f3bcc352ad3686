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
  /// Runs that end sooner show no bar: an unchanged save must not flicker.
  static constexpr std::chrono::milliseconds kDelay{150};

  Progress(engine::EventLoop &loop, JsonRpc &rpc, bool supported)
      : loop_(loop), rpc_(rpc), supported_(supported) {}

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
  int nextToken_ = 1;
  std::map<std::filesystem::path, Bar> bars_;
};

} // namespace irlens::lsp

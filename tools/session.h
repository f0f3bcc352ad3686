// One engine on one loop, for a command that asks once and waits. Used by the
// commands; the loop runs on the calling thread.
#pragma once

#include "engine/engine.h"
#include "engine/loop/event_loop.h"

#include <memory>
#include <string>

namespace irlens::tools {

/// Runs the loop until the run of one file is over, and keeps its state.
class Session : public engine::Listener {
public:
  /// `showProgress`: draw a line on stderr.
  Session(engine::Settings settings, bool showProgress);
  ~Session() override;

  /// False when no engine could be made; the reason was printed.
  bool valid() const { return engine_ != nullptr; }
  engine::Engine &engine() { return *engine_; }
  engine::EventLoop &loop() { return loop_; }

  /// Lowers and waits. Null when the run was interrupted (Ctrl-C).
  const engine::FileState *lower(engine::LowerRequest request);

  void onRunStarted(const engine::FileState &) override {}
  void onEntries(const engine::FileState &) override {}
  void onStage(const engine::FileState &file, const engine::Entry &entry,
               const engine::StageState &stage) override;
  void onRunFinished(const engine::FileState &file, bool cancelled) override;
  void onMessage(engine::Severity severity,
                 const std::string &message) override;

private:
  void clearProgress();

  engine::EventLoop loop_;
  std::unique_ptr<engine::Engine> engine_;
  bool showProgress_;
  bool interrupted_ = false;
};

} // namespace irlens::tools

// An engine with obedient workers and a store of its own, for the tests of what
// runs, what is taken from the store, and what stays when something goes wrong.
#pragma once

#include "engine/engine.h"
#include "engine/loop/event_loop.h"
#include "tests/unit/engine/fake_installation.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace irlens::engine {

using namespace std::chrono_literals;

class EngineTest : public testing::Test, public Listener {
protected:
  EngineTest() { restart(); }

  /// A new engine on the same store, as after a restart of the server.
  void restart() {
    engine_.reset();
    auto engine = Engine::create(loop_, installation_.settings(), *this);
    ASSERT_TRUE(engine) << engine.error().message;
    engine_ = std::move(*engine);
  }

  std::filesystem::path source(const std::string &orders) {
    return installation_.folder.write("ws/model.py", orders);
  }

  /// Lowers and waits until the run is over.
  const FileState &lower(const std::filesystem::path &path,
                         std::vector<std::string> stages, bool force = false) {
    bool defaults = stages.empty();
    engine_->lower({path, std::move(stages), {}, force, defaults, {}, {}});
    return wait(path);
  }

  const FileState &wait(const std::filesystem::path &path) {
    auto deadline = loop_.after(20s, [this] {
      ADD_FAILURE() << "the run does not end";
      loop_.stop();
    });
    loop_.run();
    return *engine_->file(path);
  }

  static LowerRequest passesRequest(const std::filesystem::path &path,
                                    const std::vector<std::string> &stages) {
    LowerRequest request;
    request.path = path;
    request.stages = request.recordPasses = stages;
    return request;
  }

  /// Lowers with the passes of these stages, and waits.
  const FileState &lowerPasses(const std::filesystem::path &path,
                               const std::vector<std::string> &stages) {
    engine_->lower(passesRequest(path, stages));
    return wait(path);
  }

  StageStatus status(const FileState &file, const std::string &stage,
                     const std::string &entry = "Net") {
    const Entry *found = file.find(entry);
    const StageState *state = found ? found->find(stage) : nullptr;
    return state ? state->status : StageStatus::NotAsked;
  }

  const StageState &stageOf(const FileState &file, const std::string &stage) {
    return *file.find("Net")->find(stage);
  }

  void onRunStarted(const FileState &) override { ++started_; }
  void onEntries(const FileState &) override {}
  void onStage(const FileState &, const Entry &entry,
               const StageState &stage) override {
    order_.push_back(entry.name + "/" + stage.id);
    if (whenStage_)
      whenStage_(stage.id);
  }
  void onRunFinished(const FileState &, bool cancelled) override {
    ended_.push_back(cancelled);
    if (!cancelled || stopOnCancel_)
      loop_.stop();
  }
  void onMessage(Severity severity, const std::string &message) override {
    if (severity != Severity::Hint)
      messages_.push_back(message);
  }

  EventLoop loop_;
  test::FakeInstallation installation_;
  std::unique_ptr<Engine> engine_;
  std::vector<std::string> order_;
  std::vector<std::string> messages_;
  std::vector<bool> ended_;
  std::function<void(const std::string &)> whenStage_;
  int started_ = 0;
  bool stopOnCancel_ = false;
};

} // namespace irlens::engine

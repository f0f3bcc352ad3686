#include "tools/session.h"

#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <unistd.h>
#include <utility>

namespace irlens::tools {

Session::Session(engine::Settings settings, bool showProgress)
    : showProgress_(showProgress && ::isatty(STDERR_FILENO) == 1) {
  auto engine = engine::Engine::create(loop_, std::move(settings), *this);
  if (engine)
    engine_ = std::move(*engine);
  else
    fmt::print(stderr, "irlens: {}\n", engine.error().message);
}

Session::~Session() {
  clearProgress();
  if (engine_)
    engine_->shutdown([] {});
}

const engine::FileState *Session::lower(engine::LowerRequest request) {
  auto path = request.path;
  auto interrupt = loop_.onSignal(SIGINT, [this] {
    interrupted_ = true;
    loop_.stop();
  });
  engine_->lower(std::move(request));
  loop_.run();
  clearProgress();
  return interrupted_ ? nullptr : engine_->file(path);
}

void Session::onStage(const engine::FileState &file, const engine::Entry &entry,
                      const engine::StageState &stage) {
  if (!showProgress_)
    return;
  std::size_t total = 0;
  std::size_t done = 0;
  for (const engine::Entry &each : file.entries)
    for (const engine::StageState &state : each.stages) {
      bool asked = state.status != engine::StageStatus::NotAsked;
      total += asked ? 1 : 0;
      done += asked && state.status != engine::StageStatus::Pending ? 1 : 0;
    }
  constexpr std::size_t kWidth = 30;
  std::size_t filled = total ? done * kWidth / total : 0;
  fmt::print(stderr, "\r\x1b[K[{:=<{}}{: <{}}] {}/{} {} {}", "", filled, "",
             kWidth - filled, done, total, entry.name, stage.id);
  std::fflush(stderr);
}

void Session::onRunFinished(const engine::FileState &, bool cancelled) {
  if (!cancelled)
    loop_.stop();
}

void Session::onMessage(engine::Severity severity, const std::string &message) {
  if (severity == engine::Severity::Hint)
    return; // A worker's own log: `irlens lsp --log debug` shows it.
  clearProgress();
  fmt::print(stderr, "irlens: {}\n", message);
}

void Session::clearProgress() {
  if (showProgress_)
    fmt::print(stderr, "\r\x1b[K");
}

} // namespace irlens::tools

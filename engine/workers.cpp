#include "engine/workers.h"

#include "engine/toolchain.h"

#include <utility>

namespace irlens::engine {

Workers::Workers(EventLoop &loop, const Settings &settings, Listener &listener,
                 Observer observer)
    : settings_(settings), listener_(listener), observer_(std::move(observer)),
      mlir_(loop, optionsOf("irlens-mlir", mlirWorkerCommand)),
      torchscript_(loop,
                   optionsOf("irlens-torchscript", torchscriptWorkerCommand)),
      python_(loop, optionsOf("the Python worker", pythonWorkerCommand)) {}

Worker::Options
Workers::optionsOf(std::string name,
                   Result<ProcessOptions> (*command)(const Settings &)) {
  Worker::Options options;
  options.name = std::move(name);
  options.budget = budget_;
  options.command = [this, command] { return command(settings_); };
  options.onLog = [this](const std::string &text) {
    listener_.onMessage(Severity::Hint, text);
  };
  options.onTrouble = [this](const std::string &text) {
    listener_.onMessage(Severity::Warning, text);
    observer_.onChange();
  };
  options.onHello = [this](const WorkerHello &hello) {
    if (&hello == python_.hello())
      observer_.onPython(hello);
    observer_.onChange();
  };
  return options;
}

Worker &Workers::of(Executor executor) {
  switch (executor) {
  case Executor::Python:
    return python_;
  case Executor::TorchScript:
    return torchscript_;
  case Executor::Mlir:
    break;
  }
  return mlir_;
}

void Workers::warmUp() {
  mlir_.start();
  python_.start();
}

void Workers::stop() {
  mlir_.stop();
  torchscript_.stop();
  python_.stop();
}

bool Workers::haveSpoken() {
  warmUp();
  torchscript_.start();
  auto hasSpoken = [](const Worker &worker) {
    return worker.hello() || !worker.trouble().empty();
  };
  return hasSpoken(mlir_) && hasSpoken(python_) && hasSpoken(torchscript_);
}

std::vector<PartReport> Workers::report() const {
  std::vector<PartReport> parts;
  auto add = [&](const std::string &name, const Worker &worker) {
    const WorkerHello *hello = worker.hello();
    parts.push_back({name, hello != nullptr, "", hello ? hello->executable : "",
                     worker.trouble()});
    if (!hello)
      return;
    for (const auto &[tool, version] : hello->tools)
      parts.push_back({tool, true, version, hello->executable, ""});
    for (const auto &[part, command] : hello->unavailable)
      parts.push_back({part, false, "", "", command});
  };
  add("irlens-mlir", mlir_);
  add("irlens-torchscript", torchscript_);
  add("Python worker", python_);
  return parts;
}

} // namespace irlens::engine

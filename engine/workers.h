// The workers of an engine, with the budget of processes that they share: who
// executes what, and what each has said of itself. Owned by the engine. Loop
// thread only.
#pragma once

#include "engine/engine.h"
#include "engine/worker/worker.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace irlens::engine {

class Workers {
public:
  struct Observer {
    /// One has come up, or was given up.
    std::function<void()> onChange;
    /// The Python worker has said what its environment is.
    std::function<void(const WorkerHello &)> onPython;
  };

  /// `settings` and `listener` must outlive it.
  Workers(EventLoop &loop, const Settings &settings, Listener &listener,
          Observer observer);

  Worker &mlir() { return mlir_; }
  Worker &python() { return python_; }
  Worker &of(Executor executor);

  /// All but the one that few files need.
  void warmUp();
  void stop();

  /// Starts all, and is true once each has said what it has, or cannot be
  /// started.
  bool haveSpoken();
  std::vector<PartReport> report() const;

private:
  Worker::Options
  optionsOf(std::string name,
            Result<ProcessOptions> (*command)(const Settings &));

  const Settings &settings_;
  Listener &listener_;
  Observer observer_;
  std::shared_ptr<ProcessBudget> budget_ = std::make_shared<ProcessBudget>();
  Worker mlir_;
  Worker torchscript_; ///< Started by the first archive.
  Worker python_;
};

} // namespace irlens::engine

// The passes of the installed irlens-mlir (`irlens-mlir --list-passes --json`):
// listed once per toolchain, in a process beside the loop, and kept. Owned by
// the engine, for the schema that editors complete with. Loop thread; the list
// is read on libuv's pool.
#pragma once

#include "engine/loop/event_loop.h"
#include "engine/table/pass_registry.h"
#include "engine/table/settings.h"

#include <functional>
#include <memory>
#include <string>

namespace irlens::engine {

class PassList {
public:
  /// `onKnown`: there is a list, or another one. Never called from inside
  /// passes().
  PassList(EventLoop &loop, std::function<void()> onKnown);
  ~PassList();

  /// Null until the list is there; it is fetched unless that was tried for
  /// this toolchain.
  const PassRegistry *passes(const Settings &settings);

private:
  void fetch(const Settings &settings);
  void read();

  EventLoop &loop_;
  std::function<void()> onKnown_;
  std::string toolchain_; ///< Whose list this is, or is to be.
  std::string text_;      ///< As far as the process has printed it.
  std::unique_ptr<Process> process_;
  std::shared_ptr<const PassRegistry> passes_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

} // namespace irlens::engine

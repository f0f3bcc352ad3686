// Parser and verifier over the texts that somebody types (the job kind `check`
// of engine/worker/PROTOCOL.md): begun when the typing pauses, one check per
// file, none for a text that was checked already. Owned by the engine. Loop
// thread; the text is written and the report read on libuv's pool.
#pragma once

#include "engine/artifact.h"
#include "engine/loop/event_loop.h"
#include "engine/store/run_store.h"
#include "engine/table/settings.h"
#include "engine/worker/worker.h"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace irlens::engine {

/// A text to be checked.
struct TypedText {
  std::shared_ptr<const std::string> text;
  std::string format; ///< "mlir", "llvm"
  Settings settings;  ///< Limits of time and memory.
};

class InputChecks {
public:
  struct Observer {
    /// The file has another report, or none any more.
    std::function<void(const std::filesystem::path &)> onChecked;
    /// A check has ended without a report; for the log.
    std::function<void(const std::string &)> onTrouble;
    /// A check is over, however it ended.
    std::function<void()> onDone;
  };

  InputChecks(EventLoop &loop, Worker &worker, const RunStore &store,
              Observer observer);
  ~InputChecks();

  /// The text that a file has now. A check of an older one ends.
  void check(const std::filesystem::path &path, TypedText typed);
  /// The file has the text that a run lowers: what that says comes first. But
  /// a run may take long: where a report of another text shows, it is checked.
  void save(const std::filesystem::path &path, TypedText typed);
  /// A run of this text is over. `read`: it has told what is wrong with the
  /// text; else that is still to be checked.
  void settle(const std::filesystem::path &path, const std::string &text,
              bool read);
  /// Nobody types in the file any more.
  void drop(const std::filesystem::path &path);
  void clear();

  /// Null when there is none.
  const CheckReport *report(const std::filesystem::path &path) const;
  /// Nothing is being checked, or is to be.
  bool idle() const;

private:
  struct File {
    TypedText newest;   ///< The one that was told last; without text: none.
    bool saved = false; ///< A run may have looked at it.
    std::unique_ptr<Handle> pause; ///< Until the typing has paused.
    bool waits = false;            ///< `newest` is to be checked.
    std::uint64_t current = 0;     ///< The check that goes on; 0: none.
    std::optional<JobId> job;      ///< Its job once it is sent.
    std::shared_ptr<const CheckReport> report;
  };
  struct Check; ///< One text on its way.

  File *find(const Check &check);
  void stop(File &file);
  void begin(const std::filesystem::path &path);
  void send(const std::shared_ptr<Check> &check);
  void read(const std::shared_ptr<Check> &check);
  void finish(const std::shared_ptr<Check> &check);
  void fail(const std::shared_ptr<Check> &check, const std::string &reason);
  void tell(const std::filesystem::path &path);

  EventLoop &loop_;
  Worker &worker_;
  const RunStore &store_;
  Observer observer_;
  std::map<std::filesystem::path, File> files_;
  std::uint64_t begun_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

} // namespace irlens::engine

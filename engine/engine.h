// The engine's face: lower a file, watch its stages arrive, read artifacts.
// The server (lsp/) and the command line (tools/) are its two users.
// Loop thread only. It never blocks: requests return at once and the listener
// is told what changed.
#pragma once

#include "engine/artifact.h"
#include "engine/result.h"
#include "engine/table/pass_registry.h"
#include "engine/table/settings.h"
#include "engine/table/stage.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace irlens::engine {

class EventLoop;

/// What changed. Called on the loop thread, never from inside a call into the
/// engine.
class Listener {
public:
  virtual ~Listener() = default;
  /// A run begins; `total` stages are to be made (all entries together may be
  /// more).
  virtual void onRunStarted(const FileState &file) = 0;
  /// The entries of the file are known, or have changed.
  virtual void onEntries(const FileState &file) = 0;
  /// A stage has a new status; its artifact is in place if it is Ok.
  virtual void onStage(const FileState &file, const Entry &entry,
                       const StageState &stage) = 0;
  /// The run is over: all done, failed, or cancelled.
  virtual void onRunFinished(const FileState &file, bool cancelled) = 0;
  /// Engine::checked() has another answer for this file.
  virtual void onChecked(const std::filesystem::path &) {}
  /// Engine::passes() has an answer.
  virtual void onPasses() {}
  /// A worker came up, died, or lacks a part. For the log and the user.
  virtual void onMessage(Severity severity, const std::string &message) = 0;
};

struct LowerRequest {
  std::filesystem::path path;
  /// Ids of stages in the order in which they are wanted; what they are made
  /// from is added.
  std::vector<std::string> stages;
  std::vector<std::string> entries; ///< Empty: all.
  /// Make it again even when the store has it.
  bool force = false;
  /// After these, those that a save makes: as the file says, else as set, else
  /// the table's.
  bool defaults = false;
  /// Ids of stages that are wanted with the text after each pass.
  std::vector<std::string> recordPasses;
  /// On-demand entries to include.
  std::vector<std::string> named;
};

/// One part of the installation, for `irlens doctor`.
struct PartReport {
  std::string name; ///< "irlens-mlir", "torch", "triton", ...
  bool found = false;
  std::string version; ///< Empty when missing.
  std::string path;
  std::string install; ///< The command that installs it.
};

class Engine {
public:
  /// Errors: Io (no store folder can be made; the engine then works in a
  /// temporary folder and says so through the listener).
  static Result<std::unique_ptr<Engine>>
  create(EventLoop &loop, Settings settings, Listener &listener);
  virtual ~Engine() = default;

  /// Starts the workers in the background, so that the first save finds them
  /// warm.
  virtual void warmUp() = 0;
  /// New settings apply from the next run on.
  virtual void configure(Settings settings) = 0;
  virtual const Settings &settings() const = 0;
  /// The stages as the settings alone say; FileState::table is a file's own.
  virtual const StageTable &table() const = 0;
  /// The stages of a file as it is on disk now, lowered before or not.
  virtual std::shared_ptr<const StageTable>
  tableOf(const std::filesystem::path &path) const = 0;

  /// The passes that rows can name; null until they are known. The first call
  /// has them listed.
  virtual const PassRegistry *passes() = 0;

  /// True when saving this file means something: it may be one of the table's
  /// origins.
  virtual bool wants(const std::filesystem::path &path,
                     std::string_view text) const = 0;
  /// Lowers the file as it is on disk now. A run of older content is cancelled;
  /// a request for more stages of the same content joins the run.
  virtual void lower(LowerRequest request) = 0;
  /// Has a stage of an entry made that somebody looks at; `recordPasses`: with
  /// the text after each pass. Idempotent: begins nothing if it is there, is on
  /// its way, or was tried, nor for an entry that the file does not have.
  virtual void want(const std::filesystem::path &path, const std::string &entry,
                    const std::string &stage, bool recordPasses) = 0;
  /// Ends the running run of this file, if any. What is done stays.
  virtual void cancel(const std::filesystem::path &path) = 0;
  /// Null when the file was never lowered.
  virtual const FileState *file(const std::filesystem::path &path) const = 0;
  virtual std::vector<const FileState *> files() const = 0;
  /// Files whose last run imported or read `path` (an imported module was
  /// saved).
  virtual std::vector<std::filesystem::path>
  dependents(const std::filesystem::path &path) const = 0;

  /// The text of a file as somebody types it, which parser and verifier are to
  /// look at when the typing pauses; null: nobody types in it any more. Nothing
  /// is done about a text that a run has read, one that is no IR, or a huge
  /// one.
  virtual void check(const std::filesystem::path &path,
                     std::shared_ptr<const std::string> text) = 0;
  /// What they said last, until a run of the same text has an answer of its
  /// own. Null when there is nothing.
  virtual const CheckReport *
  checked(const std::filesystem::path &path) const = 0;

  /// Forgets a file (its last editor closed it). The store keeps its runs.
  virtual void forget(const std::filesystem::path &path) = 0;

  /// Calls `done` once, in a later turn of the loop, when no file is Running,
  /// no text is to be checked, and the listener has been told everything.
  virtual void whenIdle(std::function<void()> done) = 0;

  /// Called once all workers have said what they have, or cannot be started.
  virtual void doctor(std::function<void(std::vector<PartReport>)> done) = 0;
  /// Kills the workers and calls `done` when they are gone.
  virtual void shutdown(std::function<void()> done) = 0;
};

/// The text of an artifact's document, see engine/store/files.h. Errors:
/// NotFound, Io.
Result<std::string> readText(const std::filesystem::path &path,
                             std::uint64_t limit = ~std::uint64_t(0));

} // namespace irlens::engine

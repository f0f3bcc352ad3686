// One run: one file at one content, from the first job to the last artifact.
//
// The plan (plan.h) knows what is wanted and what can be sent; a run sends it,
// listens to the workers, has results read, and writes what it learns into the
// file's state. schedule() is called after every change and does nothing twice.
// Owned by the engine. Loop thread only.
#pragma once

#include "engine/artifact.h"
#include "engine/loop/event_loop.h"
#include "engine/run/entering.h"
#include "engine/run/plan.h"
#include "engine/run/stage_result.h"
#include "engine/store/run_store.h"
#include "engine/table/settings.h"
#include "engine/table/stage.h"
#include "engine/worker/worker.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace irlens::engine {

/// What a run works with; all outlive it.
struct RunContext {
  EventLoop &loop;
  std::shared_ptr<const StageTable> table; ///< Of this file, see FileState.
  const RunStore &store;
  std::function<Worker &(Executor)> worker;
  std::vector<std::string>
      siteFolders; ///< Of the interpreter, for device libraries.
  /// Where a file that holds an IR enters; nothing: the file is captured.
  std::optional<EnterPoint> enter;
};

/// Callbacks of a run, called from the loop, never from inside want() or
/// cancel().
struct RunObserver {
  std::function<void()> onEntries;
  std::function<void(const std::string &entry, const std::string &stage)>
      onStage;
  std::function<void(bool cancelled)> onFinished;
};

class Run : public std::enable_shared_from_this<Run> {
public:
  /// Writes what it learns into `state`, which belongs to the file and keeps
  /// the artifacts of earlier runs until there are new ones.
  Run(RunContext context, Settings settings, FileState &state, std::string key,
      std::shared_ptr<RunFolder> folder, std::vector<std::string> entries,
      RunObserver observer);

  /// Takes what the store has. To be called once, before want().
  void open();
  /// Wants these stages and all that they are made from.
  void want(const Wish &wish);
  /// Stops all jobs. The state keeps what is done; nothing is heard of this run
  /// again but onFinished(true).
  void cancel();

  const std::string &key() const { return key_; }
  const RunFolder &folder() const { return *folder_; }
  bool active() const { return active_; }
  /// All work is done; at most onFinished is pending.
  bool settled() const { return !active_ || finishPosted_; }
  /// Files that the script imported or read.
  const std::vector<std::string> &files() const { return files_; }

private:
  struct Job {
    Worker *worker;
    JobId id; ///< The worker's number; the plan counts across all workers.
    PlannedJob planned;
  };

  // What is sent.
  void schedule();
  void submit(PlannedJob job);
  void enter(const PlannedJob &job);
  std::string requestOf(const PlannedJob &job);
  void takeStored();
  void collectPasses();

  // What is heard.
  void onEvent(JobNumber number, const JobEvent &event);
  void onEntry(const std::string &name, JobNumber finder);
  void onStageReported(JobNumber number, const JobEvent &event);
  void onJobEnd(const PlannedJob &job, const JobEvent &end);
  void onCaptureEnd(const JobEvent &end);
  bool enterPrinted(const PlannedJob &job, const JobEvent &end);
  void finishJob(const PlannedJob &job, const JobEvent &end);
  void onEntered(JobNumber number, const Result<void> &written);

  // What becomes of it.
  void takeReport(RunReport report);
  bool loadEntries();
  void addEntry(Entry entry, JobNumber finder);
  void read(const PlanPlace &place);
  void apply(const PlanPlace &place, StageResult result);
  void failStage(const PlanPlace &place, const JobEvent &end);
  void failWholeFile(const JobEvent &end);
  void refuseUntrusted();
  void tellBlocked();
  void blockOldEntry(Entry &entry);
  void markPending(Entry &entry);
  void dropMissingEntries();
  void finishIfDone();
  void record();

  Entry *entryState(const std::string &name);
  StageFiles filesOf(const PlanPlace &place);
  template <typename Fn> auto guarded(Fn fn);

  RunContext context_;
  Settings settings_;
  FileState &state_;
  std::string key_;
  std::shared_ptr<RunFolder> folder_;
  std::vector<std::string> onlyEntries_;
  RunObserver observer_;

  Plan plan_;
  std::map<JobNumber, Job> jobs_;
  std::vector<std::string> files_;
  bool active_ = false; ///< Something is still to be done.
  bool cancelled_ = false;
  bool recordable_ = false; ///< The store may give it to later runs.
  bool finishPosted_ = false;
  std::int64_t startedAt_ =
      0; ///< System clock, nanoseconds, as file times are.
  std::chrono::steady_clock::time_point started_;
};

/// Wraps a callback so that it does nothing once the run is gone or cancelled.
template <typename Fn> auto Run::guarded(Fn fn) {
  return [weak = weak_from_this(), fn = std::move(fn)](auto &&...args) {
    if (auto self = weak.lock(); self && !self->cancelled_)
      fn(*self, std::forward<decltype(args)>(args)...);
  };
}

} // namespace irlens::engine

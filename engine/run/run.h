// One run: one file at one content, from the first job to the last artifact.
//
// A run knows which stages are wanted and what state each is in for each entry.
// schedule() sends every job whose input is there: first the capture (the
// script runs once; the Python stages are made in its process), then, as
// artifacts arrive, the stages that other workers make of them. It is called
// after every change and does nothing twice. Owned by the engine. Loop thread
// only.
#pragma once

#include "engine/artifact.h"
#include "engine/loop/event_loop.h"
#include "engine/run/stage_result.h"
#include "engine/store/run_store.h"
#include "engine/table/settings.h"
#include "engine/table/stage.h"
#include "engine/worker/worker.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
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
};

/// Whom a run tells. Called from the loop, never from inside want() or
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
  /// Wants these stages and all that they are made from; earlier ones first.
  /// `passes`: stages that are wanted with each of their passes.
  /// `named`: entries that are meant although they are lowered on demand.
  void want(const std::vector<std::string> &stages,
            const std::vector<std::string> &passes = {},
            bool tableDefaults = false,
            const std::vector<std::string> &named = {});
  /// Stops all jobs. The state keeps what is done; nothing is heard of this run
  /// again but onFinished(true).
  void cancel();

  const std::string &key() const { return key_; }
  const RunFolder &folder() const { return *folder_; }
  bool active() const { return active_; }
  /// Nothing is left to be done but to say so.
  bool settled() const { return !active_ || finishPosted_; }
  /// Files that the script imported or read.
  const std::vector<std::string> &files() const { return files_; }

private:
  enum class Progress : std::uint8_t { Waiting, Running, Reading, Final };
  struct Cell {
    Progress progress = Progress::Waiting;
    bool repeatable = true;
    bool recording = false; ///< The job that made it was to keep its passes.
    bool hasPasses = false; ///< They have been read.
  };
  struct Job {
    Worker *worker;
    JobId id; ///< The worker's number; the run counts across both workers.
    std::string entry;               ///< Empty: the capture, for all entries.
    std::set<const Stage *> stages;  ///< Two origins may have the same id.
    bool background = false;         ///< A capture that others do not wait for.
    std::vector<std::string> passes; ///< Ids of stages whose passes it keeps.
  };

  void wantWithSources(const Stage &asked);
  void loadFromStore();
  void schedule();
  void scheduleCapture(bool background);
  void scheduleLowering(const Entry &entry);
  void begin(const std::string &entry, const Job &job);
  void begin(const std::string &entry, const Stage &stage, const Job &job);
  void submit(std::string request, Job job);
  void onEvent(std::uint64_t number, const JobEvent &event);
  void onEntry(const std::string &name, const Job &job);
  void onStageDone(const std::string &entry, const std::string &stage);
  void onCaptureEnd(const JobEvent &end, bool background);
  bool isRunning(const std::string &entry, const Stage &stage) const;
  void onJobEnd(const Job &job, const JobEvent &end);
  void read(const std::string &entry, const Stage &stage);
  void apply(const std::string &entry, const Stage &stage, StageResult result);
  void block(const std::string &entry, const Stage &failed, StageStatus status);
  void failStage(const std::string &entry, const Stage &stage,
                 const JobEvent &end);
  void addEntry(Entry entry);
  std::vector<StageState> freshStages(const Entry &entry,
                                      const Entry *old) const;
  void markPending(Entry &entry);
  void takeKnownResults(const std::string &entry);
  void takePasses(StageState &state, const Stage &stage,
                  std::shared_ptr<std::vector<Pass>> passes);
  bool awaitsPasses(const Entry &entry, const Stage &stage);
  void seePasses(const Entry &entry, const Stage &stage);
  void blockWholeEntry(Entry &entry);
  void dropMissingEntries();
  void failWholeFile(const JobEvent &end);
  void finishIfDone();
  void record();

  Cell &cell(const std::string &entry, const std::string &stage) {
    return cells_[{entry, stage}];
  }
  Entry *entryState(const std::string &name);
  bool isWanted(const Stage &stage) const {
    return std::ranges::find(wanted_, &stage) != wanted_.end();
  }
  bool wantsPasses(const Stage &stage) const {
    return stage.recordsPasses && passesOf_.contains(stage.id);
  }
  std::vector<std::string>
  passesIn(const std::set<const Stage *> &stages) const;
  const Stage *rowOf(const Entry &entry, const std::string &stage) const {
    return context_.table->find(stage, entry.origin);
  }
  std::vector<const Stage *> wantedOf(const Entry &entry) const;
  bool concerns(const Stage &stage, const Entry &entry) const;
  bool mayBeOf(const std::string &entry, const Stage &stage);
  bool isMissing(const std::string &entry, const Stage &stage);
  std::string captureRow(const Stage &stage);
  Executor captureExecutor() const;
  bool mayStemFromFile(const Stage &stage) const;
  StageFiles filesOf(const Entry &entry, const Stage &stage) const;
  bool hasCompany(const Entry &entry, const Stage &stage);
  std::vector<const Stage *>
  waitingBelow(const Entry &entry, const Stage &input, Executor executor);
  template <typename Fn> auto guarded(Fn fn);

  RunContext context_;
  Settings settings_;
  FileState &state_;
  std::string key_;
  std::shared_ptr<RunFolder> folder_;
  std::vector<std::string> onlyEntries_;
  std::set<std::string> named_; ///< Entries that are meant, also on demand.
  RunObserver observer_;

  std::vector<const Stage *>
      wanted_;                     ///< In the order of wanting, origins first.
  std::set<std::string> passesOf_; ///< Stages whose passes are wanted.
  std::map<std::pair<std::string, std::string>, Cell> cells_;
  std::set<std::string>
      seenEntries_; ///< Of this run; the state may have older ones.
  std::map<std::uint64_t, Job> jobs_;
  std::uint64_t nextJob_ = 0;
  std::vector<std::string> files_;
  bool active_ = false; ///< Something is still to be done.
  bool cancelled_ = false;
  bool captured_ = false; ///< The script has run to its end.
  bool capturing_ = false;
  bool capturingBackground_ = false;
  bool recordable_ = false;
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

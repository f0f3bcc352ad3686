// A warm fork server under supervision (engine/worker/PROTOCOL.md): started in
// the background, restarted with back-off when it dies, given up with a reason
// when it never comes up. Owned by the engine. Loop thread only.
#pragma once

#include "engine/loop/event_loop.h"
#include "engine/result.h"
#include "engine/worker/process_budget.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace irlens::engine {

/// What a worker says of itself when it is warm.
struct WorkerHello {
  std::map<std::string, std::string> tools; ///< Part -> version.
  std::set<std::string> steps;
  std::map<std::string, std::string>
      unavailable; ///< Part or step -> install command.
  std::string executable;
  std::vector<std::string> site;
};

struct JobEvent {
  enum class Kind : std::uint8_t { Started, Entry, Stage, End };
  Kind kind = Kind::End;
  std::string entry;
  std::string stage;
  std::string status;  ///< Of a stage or of the end, as in PROTOCOL.md.
  std::string message; ///< Of the end.
  int line = 0;        ///< Of the end: where the script hung or crashed.
};

/// Urgent: somebody types and waits. It goes before the others and does not
/// wait for them; a worker has one such job beyond the budget.
enum class Priority : std::uint8_t { Normal, Urgent };

using JobId = std::uint64_t;
using JobSink = std::function<void(const JobEvent &)>;

class Worker {
public:
  struct Options {
    std::string name; ///< For messages: "irlens-mlir".
    /// Shared with the other workers.
    std::shared_ptr<ProcessBudget> budget = std::make_shared<ProcessBudget>();
    /// Called before each start: the interpreter may have changed.
    std::function<Result<ProcessOptions>()> command;
    std::function<void(const WorkerHello &)> onHello;
    std::function<void(const std::string &)> onLog;
    /// It died, or cannot be started. For the user's eyes.
    std::function<void(const std::string &)> onTrouble;
  };

  Worker(EventLoop &loop, Options options);
  ~Worker();

  /// Starts the process unless it runs; forgets earlier failures.
  void start();
  /// Kills the process; the jobs end as cancelled. start() brings up a new one.
  void stop();
  /// Null until the worker is warm.
  const WorkerHello *hello() const { return hello_ ? &*hello_ : nullptr; }
  /// Why the worker cannot be used; empty while there is hope.
  const std::string &trouble() const { return trouble_; }

  /// Queues a job. `request` is the JSON object of a "run" request without
  /// "op", "job" and "parallel". `sink` hears everything about it, last an End,
  /// in later turns of the loop (never from inside this call). `width`: the
  /// most processes that the job can use.
  JobId run(std::string request, std::chrono::milliseconds timeout,
            JobSink sink, int width = 1, Priority priority = Priority::Normal);
  /// The job's End follows, with status "cancelled".
  void cancel(JobId job);

private:
  struct Job {
    std::string request;
    std::chrono::milliseconds timeout;
    JobSink sink;
    int width = 1;
    Priority priority = Priority::Normal;
    ProcessBudget::Share share; ///< While it is sent.
    bool sent = false;
    bool started = false; ///< The worker has forked a child for it.
    int attempts = 0;
    std::unique_ptr<Handle> watchdog;
  };

  void spawn();
  void onOut(std::string_view chunk);
  void onLine(std::string_view line);
  void onExit(std::int64_t exitCode, int signal);
  void retryLater();
  void giveUp(std::string reason);
  void pump();
  std::size_t sentJobs(Priority priority) const;
  void send(JobId id, Job &job);
  void finish(JobId id, JobEvent end);
  void requeueUnstarted();
  void finishAll(const std::string &status, const std::string &message,
                 bool sentOnly);

  EventLoop &loop_;
  Options options_;
  std::unique_ptr<Process> process_;
  std::optional<WorkerHello> hello_;
  std::string trouble_;
  std::string partialLine_;
  std::string errorTail_;
  std::map<JobId, Job> jobs_;
  JobId nextJob_ = 1;
  int failedStarts_ = 0;
  std::unique_ptr<Handle> retry_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

} // namespace irlens::engine

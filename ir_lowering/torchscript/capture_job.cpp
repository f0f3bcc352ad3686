#include "ir_lowering/torchscript/capture_job.h"

#include "ir_lowering/torchscript/stage.h"
#include "ir_lowering/worker/process.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <fmt/format.h>
#include <map>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace irlens::torchscript_worker {

namespace {

using nlohmann::json;

/// A method's stage that is to be made.
struct Task {
  const Method *method;
  const Row *row;
};

/// Says what is wrong with the file as a whole, at its first line.
engine::Result<void> writeRun(const CaptureJob &job,
                              const std::vector<std::string> &entries,
                              const std::string &error) {
  json diagnostics = json::array();
  if (!error.empty())
    diagnostics.push_back({{"severity", "error"},
                           {"message", error},
                           {"frames", {{job.file, 1, 0}}}});
  json run{{"entries", entries},
           {"files", json::array()},
           {"diagnostics", diagnostics},
           {"directives", json::object()}};
  return writeFile((std::filesystem::path(job.out) / "run.json").string(),
                   run.dump(-1, ' ', false, json::error_handler_t::replace));
}

class Capture {
public:
  Capture(const CaptureJob &job, Archive archive)
      : job_(job), archive_(std::move(archive)), signals_(childSignals()),
        deadline_(nowMs() + job.timeoutMs) {}

  JobOutcome run() {
    std::vector<std::string> names;
    for (const Method &method : archive_.methods)
      if (isWanted(method)) {
        if (auto told = tellEntry(method, names.empty()); !told)
          return {Status::Failed, told.error().message, 0};
        names.push_back(method.name);
        for (const Row &row : job_.stages)
          tasks_.push_back({&method, &row});
      }
    if (auto written = writeRun(job_, names, ""); !written)
      return {Status::Failed, written.error().message, 0};
    for (const std::string &name : names)
      writeEvent(STDOUT_FILENO,
                 {{"event", "entry"}, {"job", job_.id}, {"entry", name}});
    return runStages();
  }

private:
  bool isWanted(const Method &method) const {
    return !job_.entries ||
           std::ranges::find(*job_.entries, method.name) != job_.entries->end();
  }

  engine::Result<void> tellEntry(const Method &method, bool isFirst) {
    std::filesystem::path folder =
        std::filesystem::path(job_.out) / method.name;
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error)
      return engine::fail(engine::ErrorCode::Io,
                          folder.string() + ": " + error.message());
    json entry{{"name", method.name},
               {"kind", isFirst ? "model" : "function"},
               {"origin", "archive"},
               {"line", 1},
               {"column", 0},
               {"class_line", 0},
               {"comment", false},
               {"signature", method.signature},
               {"parameters", isFirst ? archive_.parameters : -1}};
    return writeFile((folder / "entry.json").string(), entry.dump());
  }

  JobOutcome runStages() {
    std::size_t next = 0;
    while (next < tasks_.size() || !running_.empty()) {
      while (next < tasks_.size() &&
             std::cmp_less(running_.size(), job_.parallel))
        start(tasks_[next++]);
      double left = deadline_ - nowMs();
      if (left <= 0)
        return timeOut();
      pollfd fd{signals_.get(), POLLIN, 0};
      poll(&fd, 1, static_cast<int>(left) + 1);
      drain(signals_.get());
      reap();
    }
    return {};
  }

  void start(const Task &task) {
    tell(task, "running");
    pid_t self = getpid();
    pid_t pid = fork();
    if (pid == 0)
      runStage(task, self);
    if (pid < 0)
      answer(task, Status::Crashed, "cannot fork");
    else
      running_[pid] = task;
  }

  [[noreturn]] void runStage(const Task &task, pid_t parent) {
    dieWithParent(parent);
    unblockChildSignals();
    StageReport report = makeStage(job_, archive_, *task.method, *task.row);
    (void)writeReport(pathOf(task), report);
    // Taking a module down takes long, and nobody needs it.
    _exit(report.status == Status::Ok ? 0 : 1);
  }

  void reap() {
    int status = 0;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
      auto found = running_.find(pid);
      if (found == running_.end())
        continue;
      Task task = found->second;
      running_.erase(found);
      if (WIFEXITED(status) && WEXITSTATUS(status) <= 1)
        tell(task, WEXITSTATUS(status) == 0 ? "ok" : "failed");
      else if (WIFSIGNALED(status))
        answer(task, Status::Crashed,
               "libtorch crashed: " + describeSignal(WTERMSIG(status)));
      else
        answer(task, Status::Memory, "out of memory");
    }
  }

  JobOutcome timeOut() {
    std::string message = describeTimeout(job_.timeoutMs);
    for (const auto &[pid, task] : running_) {
      kill(pid, SIGKILL);
      answer(task, Status::Timeout, message);
    }
    return {Status::Timeout, message, 0};
  }

  /// For a stage whose process could not.
  void answer(const Task &task, Status status, const std::string &message) {
    ReportDiagnostic diagnostic;
    diagnostic.message = message;
    diagnostic.frames = {{job_.file, 1, 0}};
    (void)writeReport(pathOf(task),
                      {.status = status, .diagnostics = {diagnostic}});
    tell(task, toString(status));
  }

  void tell(const Task &task, std::string_view status) const {
    writeEvent(STDOUT_FILENO, {{"event", "stage"},
                               {"job", job_.id},
                               {"entry", task.method->name},
                               {"stage", task.row->id},
                               {"status", status}});
  }

  std::string pathOf(const Task &task) const {
    return artifactPath(job_.out, task.method->name, task.row->id, ".json");
  }

  const CaptureJob &job_;
  Archive archive_;
  Descriptor signals_;
  double deadline_;
  std::vector<Task> tasks_;
  std::map<pid_t, Task> running_;
};

} // namespace

JobOutcome runCapture(const CaptureJob &job) {
  limitMemory(job.memoryMb);
  auto archive = openArchive(job.file);
  if (!archive) {
    std::string message = fmt::format(
        "cannot load {}: {}",
        std::filesystem::path(job.file).filename().string(), archive.error());
    if (auto written = writeRun(job, {}, message); !written)
      message = written.error().message;
    return {Status::Failed, message, 1};
  }
  return Capture(job, std::move(*archive)).run();
}

} // namespace irlens::torchscript_worker

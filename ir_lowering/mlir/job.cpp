#include "ir_lowering/mlir/job.h"

#include "ir_lowering/mlir/stage_process.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <fmt/format.h>
#include <map>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace irlens::mlir_worker {

namespace {

/// How long a hanging process may take to say where it hangs.
constexpr double kLastWordsMs = 500;

enum class State : std::uint8_t { Waiting, Running, Final };

struct Node {
  State state = State::Waiting;
  Status status = Status::Ok;
  pid_t pid = 0; ///< 0 before the fork is reported, and after the exit.
  double startedMs = 0;
  Attempt attempt;
  bool showsFailure = false; ///< Runs again, up to the pass that failed.
  bool released = false;     ///< Its process has been told to end.
};

class JobRun {
public:
  JobRun(const Job &job, Compiler &compiler, JobEvents &events)
      : job_(job), compiler_(compiler), events_(events), board_(job),
        nodes_(board_.nodes()), signals_(childSignals()), startedMs_(nowMs()) {}

  JobOutcome run() {
    startInput();
    while (!isOver()) {
      schedule();
      wait(job_.timeoutMs - (nowMs() - startedMs_));
      if (nowMs() - startedMs_ >= job_.timeoutMs && !isOver()) {
        timeOut();
        break;
      }
    }
    return outcome_;
  }

private:
  void startInput() {
    nodes_[0].state = State::Running;
    nodes_[0].startedMs = nowMs();
    pid_t self = getpid();
    pid_t pid = fork();
    if (pid == 0)
      runInputProcess(board_, compiler_, self);
    if (pid < 0)
      fail(0, Status::Crashed, {.message = "cannot fork"});
    nodes_[0].pid = pid;
  }

  bool isOver() const {
    return std::ranges::all_of(
        nodes_, [](const Node &node) { return node.state == State::Final; });
  }

  std::size_t sourceOf(std::size_t node) const {
    std::size_t source = 0;
    while (!board_.isMadeFrom(node, source))
      ++source;
    return source;
  }

  /// Starts what can run, the row that is wanted most first.
  void schedule() {
    auto running = std::ranges::count(nodes_, State::Running, &Node::state);
    for (std::size_t node = 1; node < nodes_.size(); ++node) {
      if (running >= job_.parallel)
        return;
      const Node &source = nodes_[sourceOf(node)];
      if (nodes_[node].state != State::Waiting ||
          source.state != State::Final || source.status != Status::Ok)
        continue;
      events_.onRunning(board_.idOf(node));
      start(node, {});
      ++running;
    }
  }

  void start(std::size_t node, Attempt attempt) {
    nodes_[node].state = State::Running;
    nodes_[node].attempt = attempt;
    nodes_[node].pid = 0;
    nodes_[node].startedMs = nowMs();
    command(sourceOf(node), {static_cast<std::int32_t>(node), attempt});
  }

  void command(std::size_t holder, const Command &command) {
    // A pipe to a dead holder takes it too: its death is noticed on its own.
    if (write(board_.commands[holder].writeEnd.get(), &command,
              sizeof command) < 0)
      return;
  }

  /// Waits for the next messages and deaths.
  void wait(double timeoutMs) {
    std::array<pollfd, 2> fds = {{
        {board_.messages.readEnd.get(), POLLIN, 0},
        {signals_.get(), POLLIN, 0},
    }};
    int timeout = std::max(0, static_cast<int>(timeoutMs) + 1);
    if (poll(fds.data(), fds.size(), timeout) <= 0)
      return;
    bool died = fds[1].revents & POLLIN;
    if (died) {
      drain(signals_.get());
      reap();
    }
    // After reaping: what the dead have sent is in the pipe, and counts first.
    readMessages();
    handleDeaths();
  }

  void readMessages() {
    pollfd fd{board_.messages.readEnd.get(), POLLIN, 0};
    Message message;
    while (poll(&fd, 1, 0) > 0 &&
           read(fd.fd, &message, sizeof message) == sizeof message) {
      auto node = static_cast<std::size_t>(message.node);
      if (message.kind == Message::Finished)
        onFinished(node, static_cast<Status>(message.value));
      else if (message.value < 0)
        fail(node, Status::Crashed, {.message = "cannot fork"});
      else if (nodes_[node].pid == 0)
        nodes_[node].pid = message.value;
    }
  }

  void reap() {
    int status = 0;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
      dead_[pid] = status;
  }

  /// A death may be known before its fork is: it then waits for the message.
  void handleDeaths() {
    for (std::size_t node = 0; node < nodes_.size(); ++node) {
      auto death = dead_.find(nodes_[node].pid);
      if (nodes_[node].pid == 0 || death == dead_.end())
        continue;
      int status = death->second;
      dead_.erase(death);
      nodes_[node].pid = 0;
      if (nodes_[node].state == State::Running)
        onDeath(node, status);
      else
        onHolderGone(node);
    }
  }

  void onFinished(std::size_t node, Status status) {
    if (status == Status::Ok)
      finish(node, status);
    else if (node == 0)
      onInputFailed();
    else
      showFailure(node, status);
  }

  /// The report of an input that cannot be read stands with what is made from
  /// it.
  void onInputFailed() {
    outcome_.status = Status::Failed;
    outcome_.message = job_.inputName + " cannot be read";
    for (std::size_t node = 1; node < nodes_.size(); ++node)
      if (board_.isMadeFrom(node, 0)) {
        StageReport report = readReport(board_.path(node, ".json"));
        if (!report.diagnostics.empty()) {
          const ReportDiagnostic &first = report.diagnostics.front();
          outcome_.message = first.message;
          if (!first.frames.empty())
            outcome_.line = first.frames.front().line;
        }
        finish(node, Status::Failed);
      }
    finish(0, Status::Failed);
  }

  void onDeath(std::size_t node, int waitStatus) {
    if (nodes_[node].showsFailure)
      return finish(node, nodes_[node].status);
    std::string words = readMemoryFile(board_.standardErrors[node].get());
    Death death = explainDeath(waitStatus, words);
    const Progress &progress = board_.progress[node];
    if (death.status == Status::Crashed &&
        progress.phase == Phase::CodeGeneration && retryLower(node))
      return;
    fail(node, death.status, describe(death, progress, words));
  }

  /// A code generation that crashed gets another chance at the next lower
  /// level.
  bool retryLower(std::size_t node) {
    Attempt attempt = nodes_[node].attempt;
    int level = attempt.codegenLevel;
    for (const nlohmann::json &step : board_.row(node).steps)
      if (auto codegen = step.find("codegen");
          codegen != step.end() && codegen->is_object() && level < 0)
        level = codegen->value("opt", 2);
    if (level <= 0)
      return false;
    attempt.codegenLevel = level > 1 ? 1 : 0;
    start(node, attempt);
    return true;
  }

  /// Writes the report of a stage whose process could not.
  void fail(std::size_t node, Status status, ReportDiagnostic diagnostic) {
    if (node == 0)
      return failInput(status, diagnostic);
    writeFailure(node, status, std::move(diagnostic));
    showFailure(node, status);
  }

  void failInput(Status status, const ReportDiagnostic &diagnostic) {
    outcome_ = {status, diagnostic.message, 0};
    for (std::size_t node = 1; node < nodes_.size(); ++node)
      if (board_.isMadeFrom(node, 0)) {
        writeFailure(node, status, diagnostic);
        finish(node, status);
      }
    finish(0, status);
  }

  void writeFailure(std::size_t node, Status status,
                    ReportDiagnostic diagnostic) {
    Phase phase = board_.progress[node].phase;
    StageReport report{.status = status,
                       .ms = nowMs() - nodes_[node].startedMs,
                       .diagnostics = {std::move(diagnostic)}};
    // Of the IR that the failing pass was given.
    report.format = phase == Phase::MlirPasses ? "mlir" : "llvm";
    (void)writeReport(board_.path(node, ".json"), report);
  }

  /// Runs the stage once more, up to the pass that failed, for its IR.
  void showFailure(std::size_t node, Status status) {
    Attempt attempt = nodes_[node].attempt;
    attempt.stopBeforePass = board_.progress[node].passes;
    bool holderLives = nodes_[sourceOf(node)].pid != 0;
    if (attempt.stopBeforePass == 0 || !holderLives)
      return finish(node, status);
    nodes_[node].status = status;
    nodes_[node].showsFailure = true;
    start(node, attempt);
  }

  void finish(std::size_t node, Status status) {
    if (nodes_[node].state == State::Final)
      return;
    nodes_[node].state = State::Final;
    nodes_[node].status = status;
    if (node != 0)
      events_.onFinal(board_.idOf(node), status);
    if (status != Status::Ok)
      skipDescendants(node);
    releaseHolders();
  }

  void skipDescendants(std::size_t source) {
    for (std::size_t node = 1; node < nodes_.size(); ++node) {
      if (!board_.isMadeFrom(node, source) ||
          nodes_[node].state == State::Final)
        continue;
      StageReport report{.status = Status::Failed};
      report.note = fmt::format("not made: {} failed", board_.idOf(source));
      (void)writeReport(board_.path(node, ".json"), report);
      finish(node, Status::Failed);
    }
  }

  /// Ends the processes whose snapshots nobody needs any more.
  void releaseHolders() {
    for (std::size_t holder = 0; holder < nodes_.size(); ++holder) {
      Node &node = nodes_[holder];
      if (node.state != State::Final || node.pid == 0 || node.released)
        continue;
      bool needed = false;
      for (std::size_t other = 1; other < nodes_.size(); ++other)
        needed |= board_.isMadeFrom(other, holder) &&
                  nodes_[other].state != State::Final;
      if (needed)
        continue;
      node.released = true;
      command(holder, Command{});
    }
  }

  /// A process that held a snapshot died: what should be made from it cannot
  /// be.
  void onHolderGone(std::size_t holder) {
    for (std::size_t node = 1; node < nodes_.size(); ++node) {
      bool unmade =
          nodes_[node].state == State::Waiting ||
          (nodes_[node].state == State::Running && nodes_[node].pid == 0);
      if (!board_.isMadeFrom(node, holder) || !unmade)
        continue;
      if (!nodes_[node].showsFailure)
        writeFailure(node, Status::Crashed,
                     {.message = fmt::format("the process that held {} died",
                                             board_.idOf(holder))});
      finish(node,
             nodes_[node].showsFailure ? nodes_[node].status : Status::Crashed);
    }
  }

  /// Lets what runs say where it hangs, then ends it. Stages that have not
  /// begun get no event: the job's own status is theirs.
  void timeOut() {
    outcome_.status = Status::Timeout;
    outcome_.message = describeTimeout(job_.timeoutMs);
    std::map<pid_t, std::size_t> hanging;
    for (std::size_t node = 0; node < nodes_.size(); ++node)
      if (nodes_[node].state == State::Running && nodes_[node].pid > 0) {
        hanging[nodes_[node].pid] = node;
        kill(nodes_[node].pid, SIGABRT);
      }
    waitForDeaths(hanging);
    for (auto [pid, node] : hanging) {
      kill(pid, SIGKILL);
      if (!nodes_[node].showsFailure)
        reportHang(node);
      events_.onFinal(board_.idOf(node), nodes_[node].showsFailure
                                             ? nodes_[node].status
                                             : Status::Timeout);
    }
  }

  void waitForDeaths(const std::map<pid_t, std::size_t> &hanging) {
    double until = nowMs() + kLastWordsMs;
    auto isDead = [&](const auto &one) { return dead_.contains(one.first); };
    while (!std::ranges::all_of(hanging, isDead) && nowMs() < until) {
      pollfd fd{signals_.get(), POLLIN, 0};
      poll(&fd, 1, static_cast<int>(until - nowMs()) + 1);
      drain(signals_.get());
      reap();
    }
  }

  void reportHang(std::size_t node) {
    std::string words = readMemoryFile(board_.standardErrors[node].get());
    ReportDiagnostic diagnostic = describe({Status::Timeout, outcome_.message},
                                           board_.progress[node], words);
    if (node == 0)
      outcome_.message = diagnostic.message;
    else
      writeFailure(node, Status::Timeout, std::move(diagnostic));
  }

  const Job &job_;
  Compiler &compiler_;
  JobEvents &events_;
  JobBoard board_;
  std::vector<Node> nodes_;
  Descriptor signals_;
  std::map<pid_t, int> dead_; ///< Wait statuses of processes not yet handled.
  double startedMs_;
  JobOutcome outcome_;
};

} // namespace

JobOutcome runJob(const Job &job, Compiler &compiler, JobEvents &events) {
  std::error_code error;
  std::filesystem::create_directories(
      std::filesystem::path(job.out) / job.entry, error);
  if (error)
    return {Status::Failed,
            fmt::format("{}/{}: {}", job.out, job.entry, error.message()), 0};
  return JobRun(job, compiler, events).run();
}

} // namespace irlens::mlir_worker

#include "ir_lowering/worker/fork_server.h"

#include "ir_lowering/worker/process.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <map>
#include <new>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace irlens::inline worker {

namespace {

using nlohmann::json;

/// A job that is this late has lost its own time keeping.
constexpr double kGraceMs = 2000;
/// A line longer than this is not a request.
constexpr std::size_t kLineLimit = 64 << 20;

/// Where a job process leaves its outcome; shared memory, hence plain data.
struct SharedOutcome {
  bool written;
  Status status;
  int line;
  std::array<char, 1024> message;

  void store(const JobOutcome &outcome) {
    std::string text = shortened(outcome.message, message.size() - 1);
    std::memcpy(message.data(), text.c_str(), text.size() + 1);
    status = outcome.status;
    line = outcome.line;
    written = true;
  }
};

struct RunningJob {
  int id = 0;
  int timeoutMs = 0;
  SharedOutcome *outcome = nullptr;
  double latestMs = 0;
  bool cancelled = false;
};

class Server {
public:
  explicit Server(const Service &service)
      : service_(service), signals_(childSignals()),
        hasIdleWork_(service.idle != nullptr) {
    // Stages orphaned by a killed job come to us, not to a system without init.
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    std::signal(SIGPIPE, SIG_IGN);
  }

  int run() {
    sayHello();
    while (open_) {
      wait();
      reap();
      killLateJobs();
    }
    for (const auto &[pid, job] : jobs_)
      kill(-pid, SIGKILL);
    return 0;
  }

private:
  void sayHello() {
    std::error_code ignored;
    json hello = service_.hello;
    hello["event"] = "hello";
    hello["protocol"] = 1;
    hello["pid"] = getpid();
    hello["executable"] =
        std::filesystem::read_symlink("/proc/self/exe", ignored).string();
    writeEvent(STDOUT_FILENO, hello);
  }

  /// Until a request, a death, or the next time limit.
  void wait() {
    std::array<pollfd, 2> fds = {{
        {STDIN_FILENO, POLLIN, 0},
        {signals_.get(), POLLIN, 0},
    }};
    double next = -1;
    for (const auto &[pid, job] : jobs_)
      next = next < 0 ? job.latestMs : std::min(next, job.latestMs);
    int timeout =
        next < 0 ? -1 : std::max(0, static_cast<int>(next - nowMs()) + 1);
    bool isIdle = hasIdleWork_ && jobs_.empty();
    if (poll(fds.data(), fds.size(), isIdle ? 0 : timeout) <= 0) {
      hasIdleWork_ = hasIdleWork_ && (!isIdle || service_.idle());
      return;
    }
    if (fds[1].revents)
      drain(signals_.get());
    if (fds[0].revents)
      readRequests();
  }

  void readRequests() {
    std::array<char, 65536> chunk;
    ssize_t got = read(STDIN_FILENO, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR)
      return;
    if (got <= 0) {
      open_ = false;
      return;
    }
    input_.append(chunk.data(), static_cast<std::size_t>(got));
    std::size_t start = 0;
    for (std::size_t end; (end = input_.find('\n', start)) != std::string::npos;
         start = end + 1)
      if (end > start)
        execute(std::string_view(input_).substr(start, end - start));
    input_.erase(0, start);
    if (input_.size() > kLineLimit) {
      fmt::print(stderr, "{}: dropped a line without end\n", service_.program);
      input_.clear();
    }
  }

  void execute(std::string_view line) {
    auto request = service_.read(line);
    if (!request) {
      fmt::print(stderr, "{}: {}\n", service_.program, request.error().message);
      if (request.error().job != 0)
        end(request.error().job, {Status::Failed, request.error().message, 0});
    } else if (auto *job = std::get_if<ServedJob>(&*request)) {
      start(*job);
    } else {
      cancel(std::get<Cancel>(*request).job);
    }
  }

  void start(const ServedJob &job) {
    for (const auto &[pid, running] : jobs_)
      if (running.id == job.id) {
        fmt::print(stderr, "{}: job {} runs already\n", service_.program,
                   job.id);
        return;
      }
    auto *outcome = new (sharedMemory(sizeof(SharedOutcome))) SharedOutcome{};
    pid_t server = getpid();
    pid_t pid = fork();
    if (pid == 0)
      runJobProcess(job, *outcome, server);
    if (pid < 0) {
      munmap(outcome, sizeof(SharedOutcome));
      end(job.id, {Status::Crashed,
                   fmt::format("cannot fork: {}", std::strerror(errno)), 0});
      return;
    }
    // Both sides do it, so that it is done whoever comes first.
    setpgid(pid, pid);
    jobs_[pid] = {job.id, job.timeoutMs, outcome,
                  nowMs() + job.timeoutMs + kGraceMs, false};
  }

  [[noreturn]] static void runJobProcess(const ServedJob &job,
                                         SharedOutcome &outcome, pid_t server) {
    setpgid(0, 0);
    dieWithParent(server);
    prctl(PR_SET_CHILD_SUBREAPER, 0);
    if (int null = ::open("/dev/null", O_RDONLY); null >= 0)
      dup2(null, STDIN_FILENO);
    writeEvent(STDOUT_FILENO,
               {{"event", "started"}, {"job", job.id}, {"pid", getpid()}});
    outcome.store(job.run());
    _exit(0);
  }

  void cancel(int id) {
    for (auto &[pid, job] : jobs_)
      if (job.id == id) {
        job.cancelled = true;
        kill(-pid, SIGKILL);
      }
  }

  void killLateJobs() {
    for (const auto &[pid, job] : jobs_)
      if (nowMs() > job.latestMs)
        kill(-pid, SIGKILL);
  }

  void reap() {
    int status = 0;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
      auto it = jobs_.find(pid);
      if (it == jobs_.end())
        continue; // An orphaned stage.
      RunningJob job = it->second;
      jobs_.erase(it);
      // Its snapshots end with it in any case; now is sooner.
      kill(-pid, SIGKILL);
      end(job.id, outcomeOf(job, status));
      munmap(job.outcome, sizeof(SharedOutcome));
    }
  }

  static JobOutcome outcomeOf(const RunningJob &job, int status) {
    if (job.outcome->written)
      return {job.outcome->status, job.outcome->message.data(),
              job.outcome->line};
    if (job.cancelled)
      return {Status::Cancelled, "", 0};
    if (nowMs() > job.latestMs)
      return {Status::Timeout, describeTimeout(job.timeoutMs), 0};
    std::string cause = WIFSIGNALED(status) ? describeSignal(WTERMSIG(status))
                                            : fmt::format("exit with code {}",
                                                          WEXITSTATUS(status));
    return {Status::Crashed, "the job's process ended: " + cause, 0};
  }

  static void end(int job, const JobOutcome &outcome) {
    writeEvent(STDOUT_FILENO, {{"event", "end"},
                               {"job", job},
                               {"status", toString(outcome.status)},
                               {"message", outcome.message},
                               {"line", outcome.line}});
  }

  const Service &service_;
  Descriptor signals_;
  std::map<pid_t, RunningJob> jobs_;
  std::string input_; ///< A line that has not ended yet.
  bool open_ = true;
  bool hasIdleWork_;
};

} // namespace

int serve(const Service &service) { return Server(service).run(); }

} // namespace irlens::inline worker

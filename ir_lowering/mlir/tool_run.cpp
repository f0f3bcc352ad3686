#include "ir_lowering/mlir/tool_run.h"

#include "engine/replace.h"
#include "engine/table/tools.h"
#include "ir_lowering/mlir/tool_streams.h"
#include "ir_lowering/worker/process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <linux/close_range.h>
#include <optional>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace irlens::mlir_worker {

namespace {

/// How a run ended, in memory that is shared with the watching process.
struct SharedEnd {
  ToolRun::End end;
  int code;
  std::uint64_t made;
  std::uint64_t kept;
};

/// A descriptor of this process as a path for its children.
std::string pathOf(const Descriptor &file) {
  return fmt::format("/proc/self/fd/{}", file.get());
}

Descriptor openProcess(pid_t pid) {
  return Descriptor(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
}

std::uint64_t sizeOf(const std::string &path) {
  struct stat status{};
  return stat(path.c_str(), &status) == 0
             ? static_cast<std::uint64_t>(status.st_size)
             : 0;
}

bool replaceInAll(std::vector<std::string> &words, std::string_view mark,
                  const std::string &path) {
  bool found = false;
  for (std::string &word : words)
    found |= engine::replaceAll(word, mark, path);
  return found;
}

/// The process of the tool, and the one that watches it.
class Tool {
public:
  Tool(const ToolCall &call, int words)
      : call_(call), command_(call.command),
        words_(words, call.wordsLimit, /*keepsEnd=*/true) {
    if (!call.literalCommand) {
      readsFile_ = replaceInAll(command_, kToolInput, call.input);
      writesFile_ = replaceInAll(command_, kToolOutput, call.output);
    }
    if (!call.function)
      program_ = engine::findOnPath(command_.front());
    if (!writesFile_) {
      file_ = Descriptor(::open(
          call.output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
      if (call.outputLimit != 0)
        result_.emplace(file_.get(), call.outputLimit, /*keepsEnd=*/false);
    }
  }

  /// Starts it, waits for its end, and cleans up. `caller`: -1, or a process
  /// whose end is the tool's, too.
  SharedEnd run(int caller) {
    Pipe failure = makePipe();
    fcntl(failure.writeEnd.get(), F_SETFD, FD_CLOEXEC);
    pid_t self = getpid();
    pid_t pid = fork();
    if (pid == 0)
      become(failure.writeEnd.get(), self);
    if (pid < 0)
      return {ToolRun::End::NotStarted, errno, 0, 0};
    failure.writeEnd = Descriptor();
    words_.closeWriteEnd();
    if (result_)
      result_->closeWriteEnd();
    if (ownsGroup())
      setpgid(pid, pid);
    bool ended = watch(pid, caller);
    // What it left running would write on, and hold the pipes open.
    kill(ownsGroup() ? -pid : pid, SIGKILL);
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    takeRest();
    return endOf(ended, status, failure.readEnd.get());
  }

private:
  bool ownsGroup() const { return !call_.function; }

  [[noreturn]] void become(int failure, pid_t parent) {
    dieWithParent(parent);
    if (ownsGroup())
      setpgid(0, 0);
    int in = ::open(readsFile_ ? "/dev/null" : call_.input.c_str(),
                    O_RDONLY | O_CLOEXEC);
    int out = result_       ? result_->writeEnd()
              : writesFile_ ? words_.writeEnd()
                            : file_.get();
    if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
        dup2(call_.joinsErrors ? out : words_.writeEnd(), STDERR_FILENO) < 0)
      giveUp(failure);
    for (const Variable &variable : call_.environment)
      if (variable.value)
        setenv(variable.name.c_str(), variable.value->c_str(), 1);
      else
        unsetenv(variable.name.c_str());
    if (call_.function)
      _exit(call_.function());
    std::signal(SIGPIPE, SIG_DFL);
    if (!call_.inheritsFiles)
      close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    std::vector<char *> arguments;
    for (std::string &word : command_)
      arguments.push_back(word.data());
    arguments.push_back(nullptr);
    // Not execvp, which gives whatever is no program to a shell.
    execv(program_.c_str(), arguments.data());
    giveUp(failure);
  }

  [[noreturn]] static void giveUp(int failure) {
    int error = errno;
    if (write(failure, &error, sizeof error) < 0)
      _exit(126);
    _exit(127);
  }

  /// False when it was too slow, or when the caller has died.
  bool watch(pid_t pid, int caller) {
    Descriptor process = openProcess(pid);
    for (;;) {
      double left = call_.untilMs - nowMs();
      if (left <= 0)
        return false;
      std::array<pollfd, 4> fds = {{
          {process.get(), POLLIN, 0},
          {caller, POLLIN, 0},
          {words_.readEnd(), POLLIN, 0},
          {result_ ? result_->readEnd() : -1, POLLIN, 0},
      }};
      int timeout = static_cast<int>(std::min(left + 1, 1e9));
      if (poll(fds.data(), fds.size(), timeout) < 0 && errno != EINTR)
        return false;
      if (fds[1].revents)
        return false;
      if (fds[2].revents)
        words_.take();
      if (fds[3].revents)
        result_->take();
      if (fds[0].revents)
        return true;
    }
  }

  void takeRest() {
    while (words_.take()) {
    }
    words_.finish();
    while (result_ && result_->take()) {
    }
  }

  SharedEnd endOf(bool ended, int status, int failure) {
    SharedEnd end{ToolRun::End::Exited, 0, 0, 0};
    if (result_) {
      end.made = result_->made();
      end.kept = result_->kept();
    } else {
      end.made = end.kept = cutFile();
    }
    if (!ended)
      end.end = ToolRun::End::TimedOut;
    else if (read(failure, &end.code, sizeof end.code) == sizeof end.code)
      end.end = ToolRun::End::NotStarted;
    else if (WIFSIGNALED(status))
      end = {ToolRun::End::Signalled, WTERMSIG(status), end.made, end.kept};
    else
      end.code = WEXITSTATUS(status);
    return end;
  }

  /// Of a file that the program wrote itself. Returns what it had.
  std::uint64_t cutFile() const {
    std::uint64_t size = sizeOf(call_.output);
    if (call_.outputLimit != 0 && size > call_.outputLimit &&
        truncate(call_.output.c_str(), static_cast<off_t>(call_.outputLimit)) !=
            0)
      return size;
    return size;
  }

  const ToolCall &call_;
  std::vector<std::string> command_;
  std::string program_;
  Descriptor file_;
  ToolStream words_;
  std::optional<ToolStream> result_;
  bool readsFile_ = false;
  bool writesFile_ = false;
};

/// Children of the watching process: what left the program's group.
void killOrphans() {
  constexpr int kTurns = 100;
  for (int turn = 0; turn < kTurns; ++turn) {
    std::ifstream children(
        fmt::format("/proc/self/task/{}/children", getpid()));
    bool any = false;
    for (pid_t pid = 0; children >> pid; any = true)
      kill(pid, SIGKILL);
    if (!any)
      return;
    while (waitpid(-1, nullptr, 0) > 0) {
    }
  }
}

/// A program may outlive a killed job: it is in another process group, and so
/// may its children be. This process, in a group of its own, takes them along.
SharedEnd runWatched(const ToolCall &call, int words) {
  auto *shared = static_cast<SharedEnd *>(sharedMemory(sizeof(SharedEnd)));
  Descriptor caller = openProcess(getpid());
  *shared = {ToolRun::End::NotStarted, 0, 0, 0};
  pid_t pid = fork();
  if (pid == 0) {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, 0);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    *shared = Tool(call, words).run(caller.get());
    killOrphans();
    _exit(0);
  }
  if (pid < 0)
    shared->code = errno;
  while (pid > 0 && waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  SharedEnd end = *shared;
  munmap(shared, sizeof(SharedEnd));
  return end;
}

} // namespace

ToolRun runTool(const ToolCall &call) {
  Descriptor words = makeMemoryFile("irlens-tool-words");
  fcntl(words.get(), F_SETFD, FD_CLOEXEC);
  SharedEnd end = call.function ? Tool(call, words.get()).run(-1)
                                : runWatched(call, words.get());
  ToolRun run{end.end, end.code,
              readMemoryFile(words.get(), call.wordsLimit + (64 << 10)),
              end.made, end.kept};
  if (call.outputLimit != 0)
    run.kept = std::min(run.kept, call.outputLimit);
  return run;
}

ToolRun runTool(std::vector<std::string> command, std::string_view input,
                int timeoutMs) {
  // In memory: a process that is killed leaves nothing behind.
  Descriptor text = makeMemoryFile("irlens-tool-input");
  Descriptor result = makeMemoryFile("irlens-tool-output");
  for (std::string_view rest = input; !rest.empty();) {
    ssize_t written = write(text.get(), rest.data(), rest.size());
    if (written <= 0)
      return {.end = ToolRun::End::NotStarted, .code = errno};
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  return runTool({.command = std::move(command),
                  .input = pathOf(text),
                  .output = pathOf(result),
                  .untilMs = nowMs() + timeoutMs,
                  .inheritsFiles = true});
}

} // namespace irlens::mlir_worker

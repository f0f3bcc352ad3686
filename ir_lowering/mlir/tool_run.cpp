#include "ir_lowering/mlir/tool_run.h"

#include "ir_lowering/worker/process.h"

#include <cerrno>
#include <csignal>
#include <fmt/format.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace irlens::mlir_worker {

namespace {

bool writeAll(int fd, std::string_view text) {
  while (!text.empty()) {
    ssize_t written = write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// A descriptor of this process as a path for its children.
std::string pathOf(const Descriptor &file) {
  return fmt::format("/proc/self/fd/{}", file.get());
}

[[noreturn]] void become(const std::vector<std::string> &command, int output,
                         pid_t parent) {
  dieWithParent(parent);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  std::vector<char *> arguments;
  for (const std::string &word : command)
    arguments.push_back(const_cast<char *>(word.c_str()));
  arguments.push_back(nullptr);
  execv(arguments.front(), arguments.data());
  _exit(127);
}

/// False when it does not end in time.
bool waitFor(pid_t pid, int timeoutMs) {
  Descriptor process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  pollfd fd{process.get(), POLLIN, 0};
  double until = nowMs() + timeoutMs;
  for (;;) {
    int left = static_cast<int>(until - nowMs());
    int ready = left > 0 ? poll(&fd, 1, left) : 0;
    if (ready < 0 && errno == EINTR)
      continue;
    return ready > 0;
  }
}

} // namespace

ToolRun runTool(std::vector<std::string> command, std::string_view input,
                int timeoutMs) {
  Descriptor in = makeMemoryFile("irlens-tool-input");
  Descriptor out = makeMemoryFile("irlens-tool-output");
  Descriptor words = makeMemoryFile("irlens-tool-words");
  if (!writeAll(in.get(), input))
    return {};
  for (std::string &word : command) {
    if (word == kToolInput)
      word = pathOf(in);
    else if (word == kToolOutput)
      word = pathOf(out);
  }
  pid_t self = getpid();
  pid_t pid = fork();
  if (pid == 0)
    become(command, words.get(), self);
  if (pid < 0)
    return {};
  ToolRun result;
  bool ended = waitFor(pid, timeoutMs);
  if (!ended)
    kill(pid, SIGKILL);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  result.output = readMemoryFile(words.get());
  if (!ended) {
    result.end = ToolRun::End::TimedOut;
  } else if (WIFSIGNALED(status)) {
    result.end = ToolRun::End::Signalled;
    result.code = WTERMSIG(status);
  } else if (WEXITSTATUS(status) != 127) {
    result.end = ToolRun::End::Exited;
    result.code = WEXITSTATUS(status);
  }
  return result;
}

} // namespace irlens::mlir_worker

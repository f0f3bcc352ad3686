// Child processes of the event loop on libuv. Loop thread only.
#include "engine/loop/event_loop_streams.h"

#include <fmt/format.h>

#include <csignal>
#include <utility>

extern char **environ;

namespace irlens::engine {
namespace {

/// A child with its three pipes. Lives until the process has exited and both
/// output pipes have ended, whoever is still interested.
struct ChildState {
  uv_process_t uv{};
  uv_timer_t
      grace{}; ///< Runs from the exit on: a stray grandchild may hold a pipe.
  ProcessOptions options;
  std::unique_ptr<StreamWriter> in;
  StreamState *out = nullptr;
  StreamState *err = nullptr;
  int open = 3; ///< Process and two pipes still to end, and the timer.
  std::int64_t exitCode = 0;
  int signal = 0;
  bool exited = false;
  bool wanted = true;

  void onProcessExit(std::int64_t code, int sig) {
    exited = true;
    exitCode = code;
    signal = sig;
    in.reset();
    uv_timer_init(uv.loop, &grace);
    grace.data = this;
    ++open;
    constexpr std::uint64_t kGraceMs = 300;
    uv_timer_start(
        &grace,
        [](uv_timer_t *timer) {
          auto *self = static_cast<ChildState *>(timer->data);
          if (self->out)
            self->out->close();
          if (self->err)
            self->err->close();
        },
        kGraceMs, 0);
    uv_close(asHandle(&uv), onHandleClosed);
  }

  static void onHandleClosed(uv_handle_t *handle) {
    static_cast<ChildState *>(handle->data)->ended();
  }

  void ended() {
    --open;
    if (open == 1 && exited && !out && !err)
      uv_close(asHandle(&grace), onHandleClosed);
    if (open > 0)
      return;
    auto onExit = wanted ? std::move(options.onExit) : nullptr;
    auto code = exitCode;
    auto sig = signal;
    delete this;
    if (onExit)
      onExit(code, sig);
  }
};

StreamState *childPipe(uv_loop_t *loop, ChildState *child, bool isErr) {
  StreamState *state = newPipe(loop);
  state->onData = [child, state, isErr](std::string_view chunk) {
    auto &callback = isErr ? child->options.onErr : child->options.onOut;
    if (chunk.empty())
      state->close();
    else if (child->wanted && callback)
      callback(chunk);
  };
  state->onClosed = [child, isErr] {
    (isErr ? child->err : child->out) = nullptr;
    child->ended();
  };
  return state;
}

class ChildProcess : public Process {
public:
  explicit ChildProcess(ChildState *child) : child_(child) {
    pid_ = child->uv.pid;
    // The state outlives this object only to collect the exit.
    child->options.onExit = [this, inner = std::move(child->options.onExit)](
                                std::int64_t code, int signal) {
      child_ = nullptr;
      if (inner)
        inner(code, signal);
    };
  }
  ~ChildProcess() override {
    if (!child_)
      return;
    child_->wanted = false;
    kill(SIGKILL);
    child_->in.reset();
  }
  int pid() const override { return pid_; }
  Writer &in() override { return child_ && child_->in ? *child_->in : closed_; }
  void kill(int signal) override {
    if (child_ && !child_->exited)
      ::kill(-pid_, signal);
  }

private:
  ChildState *child_;
  int pid_;
  StreamWriter closed_{nullptr};
};

std::vector<std::string>
mergedEnvironment(const std::vector<std::string> &extra) {
  std::vector<std::string> all;
  auto nameOf = [](const std::string &entry) {
    return entry.substr(0, entry.find('='));
  };
  for (char **entry = environ; entry && *entry; ++entry) {
    std::string line = *entry;
    bool replaced = false;
    for (const std::string &added : extra)
      replaced |= nameOf(added) == nameOf(line);
    if (!replaced)
      all.push_back(std::move(line));
  }
  all.insert(all.end(), extra.begin(), extra.end());
  return all;
}

} // namespace

Result<std::unique_ptr<Process>> spawnProcess(uv_loop_t *loop,
                                              ProcessOptions options) {
  auto *child = new ChildState;
  child->options = std::move(options);
  child->uv.data = child;

  StreamState *input = newPipe(loop);
  child->in = std::make_unique<StreamWriter>(input);
  child->out = childPipe(loop, child, false);
  child->err = childPipe(loop, child, true);

  std::vector<char *> argv;
  for (std::string &arg : child->options.argv)
    argv.push_back(arg.data());
  argv.push_back(nullptr);
  std::vector<std::string> environment =
      mergedEnvironment(child->options.environment);
  std::vector<char *> envp;
  for (std::string &entry : environment)
    envp.push_back(entry.data());
  envp.push_back(nullptr);

  uv_stdio_container_t stdio[3];
  constexpr int kIn = UV_CREATE_PIPE | UV_READABLE_PIPE;
  constexpr int kOut = UV_CREATE_PIPE | UV_WRITABLE_PIPE;
  stdio[0].flags = static_cast<uv_stdio_flags>(kIn);
  stdio[0].data.stream = &input->uv.stream;
  stdio[1].flags = static_cast<uv_stdio_flags>(kOut);
  stdio[1].data.stream = &child->out->uv.stream;
  stdio[2].flags = static_cast<uv_stdio_flags>(kOut);
  stdio[2].data.stream = &child->err->uv.stream;

  uv_process_options_t uv{};
  uv.file = argv[0];
  uv.args = argv.data();
  uv.env = envp.data();
  uv.cwd = child->options.cwd.empty() ? nullptr : child->options.cwd.c_str();
  uv.flags =
      UV_PROCESS_DETACHED; // its own session, hence its own process group
  uv.stdio_count = 3;
  uv.stdio = stdio;
  uv.exit_cb = [](uv_process_t *process, std::int64_t code, int signal) {
    static_cast<ChildState *>(process->data)->onProcessExit(code, signal);
  };

  int code = uv_spawn(loop, &child->uv, &uv);
  if (code != 0) {
    std::string program = child->options.argv.front();
    child->wanted = false;
    child->in.reset();
    child->out->close();
    child->err->close();
    uv_close(asHandle(&child->uv), ChildState::onHandleClosed);
    return fail(code == UV_ENOENT ? ErrorCode::ToolMissing
                                  : ErrorCode::ToolFailed,
                fmt::format("cannot start {}: {}", program, uv_strerror(code)));
  }
  startReading(child->out);
  startReading(child->err);
  return std::make_unique<ChildProcess>(child);
}

} // namespace irlens::engine

// libuv behind engine/event_loop.h. Every libuv handle is a heap object that is
// freed in its close callback, because libuv may still touch it until then; the
// RAII objects handed out only ask for the close.
#include "engine/event_loop.h"

#include <uv.h>

#include <fmt/format.h>

#include <csignal>
#include <cstring>
#include <mutex>
#include <utility>

extern char **environ;

namespace irlens::engine {
namespace {

std::string uvMessage(int code) { return uv_strerror(code); }

template <typename T> uv_handle_t *asHandle(T *handle) {
  return reinterpret_cast<uv_handle_t *>(handle);
}

/// Closes a handle and deletes its owner afterwards. `Owner` holds the libuv
/// handle and has its own address in `data`.
template <typename Owner, typename Uv>
void closeAndDelete(Owner *owner, Uv *uv) {
  if (uv_is_closing(asHandle(uv)))
    return;
  uv_close(asHandle(uv), [](uv_handle_t *handle) {
    delete static_cast<Owner *>(handle->data);
  });
  static_cast<void>(owner);
}

/// A libuv handle with a callback, closed when the RAII object goes.
template <typename Uv, typename Callback> struct Source {
  Uv uv{};
  Callback callback;
  bool live = true;
};

template <typename Uv, typename Callback> class SourceHandle : public Handle {
public:
  explicit SourceHandle(Source<Uv, Callback> *source) : source_(source) {}
  ~SourceHandle() override {
    source_->live = false;
    closeAndDelete(source_, &source_->uv);
  }

private:
  Source<Uv, Callback> *source_;
};

using TimerSource = Source<uv_timer_t, std::function<void()>>;
using SignalSource = Source<uv_signal_t, std::function<void()>>;
using WatchSource =
    Source<uv_fs_event_t, std::function<void(const std::string &)>>;

/// One end of a byte stream; a pipe, or a terminal when the descriptor is one.
struct StreamState {
  union {
    uv_handle_t handle;
    uv_stream_t stream;
    uv_pipe_t pipe;
    uv_tty_t tty;
  } uv{};
  std::function<void(std::string_view)> onData;
  std::function<void()> onClosed;
  std::vector<char> buffer = std::vector<char>(64 * 1024);
  std::size_t pending = 0;
  bool live = true;
  bool closing = false;
  bool closeWhenDrained = false;

  void close() {
    if (closing)
      return;
    closing = true;
    uv_close(&uv.handle, [](uv_handle_t *handle) {
      auto *self = static_cast<StreamState *>(handle->data);
      auto closed = std::move(self->onClosed);
      delete self;
      if (closed)
        closed();
    });
  }
};

void onAlloc(uv_handle_t *handle, std::size_t, uv_buf_t *out) {
  auto *state = static_cast<StreamState *>(handle->data);
  *out = uv_buf_init(state->buffer.data(),
                     static_cast<unsigned>(state->buffer.size()));
}

void onRead(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer) {
  auto *state = static_cast<StreamState *>(stream->data);
  if (count == 0 || !state->live)
    return;
  // A copy of the callback: it may destroy the reader it belongs to.
  auto callback = state->onData;
  if (count > 0) {
    if (callback)
      callback({buffer->base, static_cast<std::size_t>(count)});
    return;
  }
  uv_read_stop(stream);
  if (callback)
    callback({});
}

struct WriteRequest {
  uv_write_t uv{};
  std::string bytes;
  StreamState *state = nullptr;
};

class StreamWriter : public Writer {
public:
  explicit StreamWriter(StreamState *state) : state_(state) {}
  ~StreamWriter() override { close(); }

  void write(std::string bytes) override {
    if (!state_ || bytes.empty())
      return;
    auto *request = new WriteRequest;
    request->bytes = std::move(bytes);
    request->state = state_;
    request->uv.data = request;
    uv_buf_t buffer = uv_buf_init(request->bytes.data(),
                                  static_cast<unsigned>(request->bytes.size()));
    state_->pending += request->bytes.size();
    if (uv_write(&request->uv, &state_->uv.stream, &buffer, 1, onWritten) !=
        0) {
      state_->pending -= request->bytes.size();
      delete request;
    }
  }

  void close() override {
    if (!state_)
      return;
    StreamState *state = std::exchange(state_, nullptr);
    state->live = false;
    if (state->pending == 0)
      state->close();
    else
      state->closeWhenDrained = true;
  }

  std::size_t pending() const override { return state_ ? state_->pending : 0; }

private:
  static void onWritten(uv_write_t *uv, int status) {
    auto *request = static_cast<WriteRequest *>(uv->data);
    StreamState *state = request->state;
    state->pending -= request->bytes.size();
    delete request;
    if (state->closeWhenDrained && (state->pending == 0 || status < 0))
      state->close();
  }

  StreamState *state_;
};

class StreamReader : public Handle {
public:
  explicit StreamReader(StreamState *state) : state_(state) {}
  ~StreamReader() override {
    state_->live = false;
    state_->close();
  }

private:
  StreamState *state_;
};

Result<StreamState *> openStream(uv_loop_t *loop, int fd) {
  auto state = std::make_unique<StreamState>();
  int code = 0;
  if (uv_guess_handle(fd) == UV_TTY) {
    code = uv_tty_init(loop, &state->uv.tty, fd, 0);
  } else {
    code = uv_pipe_init(loop, &state->uv.pipe, 0);
    if (code == 0)
      code = uv_pipe_open(&state->uv.pipe, fd);
  }
  if (code != 0)
    return fail(ErrorCode::Io, fmt::format("cannot use file descriptor {}: {}",
                                           fd, uvMessage(code)));
  state->uv.handle.data = state.get();
  return state.release();
}

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
  auto *state = new StreamState;
  uv_pipe_init(loop, &state->uv.pipe, 0);
  state->uv.handle.data = state;
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

struct EventLoop::Impl {
  uv_loop_t loop{};
  uv_async_t wake{};
  std::mutex postedLock; ///< post() is the one door for other threads.
  std::vector<std::function<void()>> posted;

  void drain() {
    std::vector<std::function<void()>> batch;
    {
      std::scoped_lock guard(postedLock);
      batch.swap(posted);
    }
    if (batch.empty())
      uv_unref(asHandle(&wake));
    for (auto &fn : batch)
      fn();
    std::scoped_lock guard(postedLock);
    if (posted.empty())
      uv_unref(asHandle(&wake));
  }
};

EventLoop::EventLoop() : impl_(std::make_unique<Impl>()) {
  uv_loop_init(&impl_->loop);
  impl_->wake.data = impl_.get();
  uv_async_init(&impl_->loop, &impl_->wake, [](uv_async_t *wake) {
    static_cast<Impl *>(wake->data)->drain();
  });
  uv_unref(asHandle(&impl_->wake));
  // A client or worker that goes away must not take us with it.
  std::signal(SIGPIPE, SIG_IGN);
}

EventLoop::~EventLoop() {
  uv_close(asHandle(&impl_->wake), nullptr);
  uv_run(&impl_->loop, UV_RUN_NOWAIT);
  if (uv_loop_close(&impl_->loop) == UV_EBUSY) {
    // Something outlived us (a process that was killed just now); let its close
    // callbacks run so that nothing leaks.
    uv_walk(
        &impl_->loop,
        [](uv_handle_t *handle, void *) {
          if (handle->type == UV_NAMED_PIPE && !uv_is_closing(handle) &&
              handle->data)
            static_cast<StreamState *>(handle->data)->close();
        },
        nullptr);
    uv_run(&impl_->loop, UV_RUN_DEFAULT);
    uv_loop_close(&impl_->loop);
  }
}

void EventLoop::run() { uv_run(&impl_->loop, UV_RUN_DEFAULT); }

void EventLoop::stop() { uv_stop(&impl_->loop); }

void EventLoop::post(std::function<void()> fn) {
  {
    std::scoped_lock guard(impl_->postedLock);
    impl_->posted.push_back(std::move(fn));
  }
  uv_ref(asHandle(&impl_->wake));
  uv_async_send(&impl_->wake);
}

static TimerSource *startTimer(uv_loop_t *loop, std::uint64_t delay,
                               std::uint64_t period, std::function<void()> fn) {
  auto *source = new TimerSource{{}, std::move(fn), true};
  uv_timer_init(loop, &source->uv);
  source->uv.data = source;
  // libuv counts from its cached time; a long callback would make us early.
  uv_update_time(loop);
  uv_timer_start(
      &source->uv,
      [](uv_timer_t *timer) {
        auto *self = static_cast<TimerSource *>(timer->data);
        auto callback = self->callback;
        if (self->live)
          callback();
      },
      delay, period);
  return source;
}

std::unique_ptr<Handle> EventLoop::after(Milliseconds delay,
                                         std::function<void()> fn) {
  return std::make_unique<SourceHandle<uv_timer_t, std::function<void()>>>(
      startTimer(&impl_->loop, static_cast<std::uint64_t>(delay.count()), 0,
                 std::move(fn)));
}

std::unique_ptr<Handle> EventLoop::every(Milliseconds period,
                                         std::function<void()> fn) {
  auto count = static_cast<std::uint64_t>(period.count());
  auto *source = startTimer(&impl_->loop, count, count, std::move(fn));
  return std::make_unique<SourceHandle<uv_timer_t, std::function<void()>>>(
      source);
}

Result<std::unique_ptr<Handle>>
EventLoop::read(int fd, std::function<void(std::string_view)> onData) {
  auto state = openStream(&impl_->loop, fd);
  if (!state)
    return std::unexpected(state.error());
  (*state)->onData = std::move(onData);
  uv_read_start(&(*state)->uv.stream, onAlloc, onRead);
  return std::make_unique<StreamReader>(*state);
}

Result<std::unique_ptr<Writer>> EventLoop::writer(int fd) {
  auto state = openStream(&impl_->loop, fd);
  if (!state)
    return std::unexpected(state.error());
  return std::make_unique<StreamWriter>(*state);
}

Result<std::unique_ptr<Process>> EventLoop::spawn(ProcessOptions options) {
  auto *child = new ChildState;
  child->options = std::move(options);
  child->uv.data = child;

  auto *input = new StreamState;
  uv_pipe_init(&impl_->loop, &input->uv.pipe, 0);
  input->uv.handle.data = input;
  child->in = std::make_unique<StreamWriter>(input);
  child->out = childPipe(&impl_->loop, child, false);
  child->err = childPipe(&impl_->loop, child, true);

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

  int code = uv_spawn(&impl_->loop, &child->uv, &uv);
  if (code != 0) {
    std::string program = child->options.argv.front();
    child->wanted = false;
    child->in.reset();
    child->out->close();
    child->err->close();
    uv_close(asHandle(&child->uv), ChildState::onHandleClosed);
    return fail(code == UV_ENOENT ? ErrorCode::ToolMissing
                                  : ErrorCode::ToolFailed,
                fmt::format("cannot start {}: {}", program, uvMessage(code)));
  }
  uv_read_start(&child->out->uv.stream, onAlloc, onRead);
  uv_read_start(&child->err->uv.stream, onAlloc, onRead);
  return std::make_unique<ChildProcess>(child);
}

Result<std::unique_ptr<Handle>> EventLoop::watchFolder(
    const std::string &folder,
    std::function<void(const std::string &fileName)> onChange) {
  auto *source = new WatchSource{{}, std::move(onChange), true};
  uv_fs_event_init(&impl_->loop, &source->uv);
  source->uv.data = source;
  auto handle = std::make_unique<
      SourceHandle<uv_fs_event_t, std::function<void(const std::string &)>>>(
      source);
  int code = uv_fs_event_start(
      &source->uv,
      [](uv_fs_event_t *event, const char *name, int, int status) {
        auto *self = static_cast<WatchSource *>(event->data);
        auto callback = self->callback;
        if (self->live && status == 0 && name)
          callback(name);
      },
      folder.c_str(), 0);
  if (code != 0)
    return fail(ErrorCode::Io,
                fmt::format("cannot watch {}: {}", folder, uvMessage(code)));
  uv_unref(asHandle(&source->uv));
  return handle;
}

std::unique_ptr<Handle> EventLoop::onSignal(int signal,
                                            std::function<void()> fn) {
  auto *source = new SignalSource{{}, std::move(fn), true};
  uv_signal_init(&impl_->loop, &source->uv);
  source->uv.data = source;
  uv_signal_start(
      &source->uv,
      [](uv_signal_t *handle, int) {
        auto *self = static_cast<SignalSource *>(handle->data);
        auto callback = self->callback;
        if (self->live)
          callback();
      },
      signal);
  uv_unref(asHandle(&source->uv));
  return std::make_unique<SourceHandle<uv_signal_t, std::function<void()>>>(
      source);
}

void EventLoop::work(std::function<void()> pure, std::function<void()> done) {
  struct Work {
    uv_work_t uv{};
    std::function<void()> pure;
    std::function<void()> done;
  };
  auto *work = new Work{{}, std::move(pure), std::move(done)};
  work->uv.data = work;
  uv_queue_work(
      &impl_->loop, &work->uv,
      [](uv_work_t *uv) { static_cast<Work *>(uv->data)->pure(); },
      [](uv_work_t *uv, int) {
        std::unique_ptr<Work> self(static_cast<Work *>(uv->data));
        self->done();
      });
}

} // namespace irlens::engine

// libuv behind engine/loop/event_loop.h. Every libuv handle is a heap object
// that is freed in its close callback, because libuv may still touch it until
// then; the RAII objects handed out only ask for the close.
#include "engine/loop/event_loop.h"

#include "engine/loop/event_loop_streams.h"

#include <fmt/format.h>

#include <csignal>
#include <cstring>
#include <mutex>
#include <utility>

namespace irlens::engine {
namespace {

std::string uvMessage(int code) { return uv_strerror(code); }

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
  startReading(*state);
  return std::make_unique<StreamReader>(*state);
}

Result<std::unique_ptr<Writer>> EventLoop::writer(int fd) {
  auto state = openStream(&impl_->loop, fd);
  if (!state)
    return std::unexpected(state.error());
  return std::make_unique<StreamWriter>(*state);
}

Result<std::unique_ptr<Process>> EventLoop::spawn(ProcessOptions options) {
  return spawnProcess(&impl_->loop, std::move(options));
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

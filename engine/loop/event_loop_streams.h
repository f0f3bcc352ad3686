// Byte streams of the event loop on libuv: the state of a pipe or terminal, its
// reader and its writer. Included by engine/event_loop*.cpp only. Loop thread
// only.
#pragma once

#include "engine/loop/event_loop.h"

#include <uv.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace irlens::engine {

template <typename T> uv_handle_t *asHandle(T *handle) {
  return reinterpret_cast<uv_handle_t *>(handle);
}

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

/// Starts reading: `onData` of the state hears every chunk, and an empty one at
/// the end.
void startReading(StreamState *state);

/// A stream on an open file descriptor. Errors: Io.
Result<StreamState *> openStream(uv_loop_t *loop, int fd);

/// A stream for one end of a pipe that is yet to be made.
StreamState *newPipe(uv_loop_t *loop);

/// Writes without blocking; what the other side does not take yet is kept.
class StreamWriter : public Writer {
public:
  explicit StreamWriter(StreamState *state) : state_(state) {}
  ~StreamWriter() override { close(); }

  void write(std::string bytes) override;
  void close() override;
  std::size_t pending() const override { return state_ ? state_->pending : 0; }

private:
  StreamState *state_;
};

/// Stops reading and closes when destroyed.
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

/// engine/loop/event_loop_process.cpp; see EventLoop::spawn.
Result<std::unique_ptr<Process>> spawnProcess(uv_loop_t *loop,
                                              ProcessOptions options);

} // namespace irlens::engine

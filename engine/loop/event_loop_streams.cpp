#include "engine/loop/event_loop_streams.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

namespace irlens::engine {
namespace {

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

void onWritten(uv_write_t *uv, int status) {
  auto *request = static_cast<WriteRequest *>(uv->data);
  StreamState *state = request->state;
  state->pending -= request->bytes.size();
  delete request;
  if (state->closeWhenDrained && (state->pending == 0 || status < 0))
    state->close();
}

} // namespace

void startReading(StreamState *state) {
  uv_read_start(&state->uv.stream, onAlloc, onRead);
}

StreamState *newPipe(uv_loop_t *loop) {
  auto *state = new StreamState;
  uv_pipe_init(loop, &state->uv.pipe, 0);
  state->uv.handle.data = state;
  return state;
}

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
                                           fd, uv_strerror(code)));
  state->uv.handle.data = state.get();
  return state.release();
}

void StreamWriter::write(std::string bytes) {
  if (!state_ || bytes.empty())
    return;
  auto *request = new WriteRequest;
  request->bytes = std::move(bytes);
  request->state = state_;
  request->uv.data = request;
  uv_buf_t buffer = uv_buf_init(request->bytes.data(),
                                static_cast<unsigned>(request->bytes.size()));
  state_->pending += request->bytes.size();
  if (uv_write(&request->uv, &state_->uv.stream, &buffer, 1, onWritten) != 0) {
    state_->pending -= request->bytes.size();
    delete request;
  }
}

void StreamWriter::close() {
  if (!state_)
    return;
  StreamState *state = std::exchange(state_, nullptr);
  state->live = false;
  if (state->pending == 0)
    state->close();
  else
    state->closeWhenDrained = true;
}

} // namespace irlens::engine

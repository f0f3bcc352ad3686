// The one event loop (libuv): timers, pipes, child processes, folder watches,
// and pure work on libuv's pool. Everything that changes state runs on the
// thread that calls run(). The only file that other folders need to know about
// libuv.
#pragma once

#include "engine/result.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace irlens::engine {

/// Ends what it stands for when destroyed (timer, watch, reader).
class Handle {
public:
  virtual ~Handle() = default;
};

/// Bytes out; keeps what the other side does not take yet. Loop thread only.
class Writer {
public:
  virtual ~Writer() = default;
  /// Never blocks. After the other side has gone the bytes are dropped.
  virtual void write(std::string bytes) = 0;
  /// Closes once everything is written.
  virtual void close() = 0;
  /// Bytes not yet taken by the other side.
  virtual std::size_t pending() const = 0;
};

struct ProcessOptions {
  std::vector<std::string> argv;
  std::string cwd;                             ///< Empty: ours.
  std::vector<std::string> environment;        ///< "NAME=value" added to ours.
  std::function<void(std::string_view)> onOut; ///< Chunks of stdout.
  std::function<void(std::string_view)> onErr; ///< Chunks of stderr.
  /// After both pipes have ended and the process is gone.
  std::function<void(std::int64_t exitCode, int signal)> onExit;
};

/// A child process in its own process group. Destroying it kills the group.
class Process {
public:
  virtual ~Process() = default;
  virtual int pid() const = 0;
  virtual Writer &in() = 0;
  /// Sends a signal to the process group.
  virtual void kill(int signal) = 0;
};

class EventLoop {
public:
  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop &) = delete;
  EventLoop &operator=(const EventLoop &) = delete;

  /// Runs until stop(), or until nothing is left to wait for.
  void run();
  void stop();
  /// Runs `fn` on the loop thread in a later turn. Thread-safe.
  void post(std::function<void()> fn);

  using Milliseconds = std::chrono::milliseconds;
  /// Calls `fn` once after `delay`, unless the handle is destroyed before.
  [[nodiscard]] std::unique_ptr<Handle> after(Milliseconds delay,
                                              std::function<void()> fn);
  /// Calls `fn` every `period` until the handle is destroyed.
  [[nodiscard]] std::unique_ptr<Handle> every(Milliseconds period,
                                              std::function<void()> fn);
  /// Reads a file descriptor (pipe, socket, file or terminal) until its end. An
  /// empty chunk means the end.
  [[nodiscard]] Result<std::unique_ptr<Handle>>
  read(int fd, std::function<void(std::string_view)> onData);
  [[nodiscard]] Result<std::unique_ptr<Writer>> writer(int fd);
  /// Errors: ToolMissing (no such program), ToolFailed.
  [[nodiscard]] Result<std::unique_ptr<Process>> spawn(ProcessOptions options);
  /// Tells the names of the files that change in a folder (not below it).
  [[nodiscard]] Result<std::unique_ptr<Handle>>
  watchFolder(const std::string &folder,
              std::function<void(const std::string &fileName)> onChange);
  /// Tells when the signal arrives, instead of dying of it.
  [[nodiscard]] std::unique_ptr<Handle> onSignal(int signal,
                                                 std::function<void()> fn);
  /// Runs `pure` on libuv's pool, then `done` on the loop thread. `pure` must
  /// not touch anything that the loop changes.
  void work(std::function<void()> pure, std::function<void()> done);

private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

} // namespace irlens::engine

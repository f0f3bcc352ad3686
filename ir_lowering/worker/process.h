// Small pieces of Linux that the worker's processes stand on: descriptors that
// close themselves, signals as a descriptor, memory limits, and a fork whose
// child belongs to our own parent. Knows no compiler.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <sys/types.h>
#include <utility>

namespace irlens::inline worker {

/// Owns a file descriptor.
class Descriptor {
public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor &&other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor &operator=(Descriptor &&other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor();

  int get() const { return fd_; }

private:
  int fd_ = -1;
};

struct Pipe {
  Descriptor readEnd;
  Descriptor writeEnd;
};

/// Errors end the process: without a pipe there is nobody to tell.
Pipe makePipe();

/// An unnamed file in memory, for the standard error of a child that may die.
Descriptor makeMemoryFile(const char *name);

/// What was written to such a file, up to `limit` bytes: long outputs come from
/// the same complaint again and again. Empty on error.
std::string readMemoryFile(int fd, std::uint64_t limit = 1 << 20);

/// Blocks SIGCHLD and makes its arrivals readable from a descriptor.
Descriptor childSignals();
/// Takes what is readable out of it.
void drain(int fd);
/// Undoes childSignals() in a child, which inherits the blocked mask.
void unblockChildSignals();

/// The calling process dies when its parent does.
void dieWithParent(pid_t parent);

/// Forks so that the child is the caller's sibling: it has the caller's memory,
/// and the caller's parent waits for it. The caller must have one thread.
/// Returns what fork returns.
pid_t forkSibling();

/// Lets this process allocate `megabytes` more than it has now.
void limitMemory(int megabytes);

/// Memory that is shared with all children forked from now on, zeroed.
void *sharedMemory(std::size_t bytes);

/// "segmentation fault", "killed", ...
std::string describeSignal(int signal);

/// "stopped after the time limit of 2.5 s": all timeouts read like this.
std::string describeTimeout(int timeoutMs);

/// Milliseconds of a clock that never jumps.
double nowMs();

} // namespace irlens::inline worker

#include "ir_lowering/worker/process.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <linux/sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace irlens::inline worker {

namespace {

[[noreturn]] void dieOf(const char *what) {
  std::perror(what);
  std::_Exit(1);
}

} // namespace

Descriptor::~Descriptor() {
  if (fd_ >= 0)
    close(fd_);
}

Pipe makePipe() {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0)
    dieOf("pipe");
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

Descriptor makeMemoryFile(const char *name) {
  int fd = memfd_create(name, 0);
  if (fd < 0)
    dieOf("memfd_create");
  return Descriptor(fd);
}

std::string readMemoryFile(int fd, std::uint64_t limit) {
  off_t size = lseek(fd, 0, SEEK_END);
  if (size <= 0)
    return "";
  std::string text(std::min(static_cast<std::uint64_t>(size), limit), '\0');
  ssize_t got = pread(fd, text.data(), text.size(), 0);
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return text;
}

Descriptor childSignals() {
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGCHLD);
  sigprocmask(SIG_BLOCK, &mask, nullptr);
  int fd = signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC);
  if (fd < 0)
    dieOf("signalfd");
  return Descriptor(fd);
}

void drain(int fd) {
  signalfd_siginfo info;
  while (read(fd, &info, sizeof info) > 0) {
  }
}

void unblockChildSignals() {
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGCHLD);
  sigprocmask(SIG_UNBLOCK, &mask, nullptr);
}

void dieWithParent(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  // The parent may have died before the call above.
  if (getppid() != parent)
    _exit(1);
}

pid_t forkSibling() {
  // glibc has no call for this. Skipping its fork handlers is sound because
  // there is one thread, hence nobody else who could hold a lock.
  return static_cast<pid_t>(syscall(SYS_clone, CLONE_PARENT | SIGCHLD, nullptr,
                                    nullptr, nullptr, nullptr));
}

void limitMemory(int megabytes) {
#if !defined(__SANITIZE_ADDRESS__)
  // Address sanitizer reserves terabytes of address space, hence the exception.
  std::ifstream statm("/proc/self/statm");
  std::uint64_t pages = 0;
  if (!(statm >> pages))
    return;
  rlimit limit{};
  getrlimit(RLIMIT_AS, &limit);
  rlim_t wanted = pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) +
                  (static_cast<rlim_t>(megabytes) << 20);
  limit.rlim_cur = std::min(wanted, limit.rlim_max);
  setrlimit(RLIMIT_AS, &limit);
#else
  (void)megabytes;
#endif
}

void *sharedMemory(std::size_t bytes) {
  void *memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    dieOf("mmap");
  return memory;
}

std::string describeSignal(int signal) {
  switch (signal) {
  case SIGSEGV:
    return "segmentation fault";
  case SIGABRT:
    return "abort";
  case SIGBUS:
    return "bus error";
  case SIGFPE:
    return "arithmetic exception";
  case SIGILL:
    return "illegal instruction";
  case SIGKILL:
    return "killed from outside (perhaps the system ran out of memory)";
  default:
    return std::string("signal ") + strsignal(signal);
  }
}

std::string describeTimeout(int timeoutMs) {
  return fmt::format("stopped after the time limit of {:g} s",
                     static_cast<double>(timeoutMs) / 1000);
}

double nowMs() {
  using namespace std::chrono;
  return duration<double, std::milli>(steady_clock::now().time_since_epoch())
      .count();
}

} // namespace irlens::inline worker

#include "engine/store/files.h"

#include <fmt/format.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace irlens::engine {
namespace {

/// A file descriptor that closes itself.
class Fd {
public:
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() {
    if (fd_ >= 0)
      ::close(fd_);
  }
  Fd(const Fd &) = delete;
  Fd &operator=(const Fd &) = delete;
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }

private:
  int fd_;
};

std::unexpected<Error> systemError(std::string_view verb,
                                   const std::filesystem::path &path) {
  int code = errno;
  return fail(code == ENOENT ? ErrorCode::NotFound : ErrorCode::Io,
              fmt::format("cannot {} {}: {}", verb, path.string(),
                          std::strerror(code)));
}

bool writeAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t count = ::write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

} // namespace

Result<std::string> readText(const std::filesystem::path &path,
                             std::uint64_t limit) {
  Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info{};
  if (!file.valid() || ::fstat(file.get(), &info) != 0)
    return systemError("read", path);
  if (S_ISDIR(info.st_mode)) {
    errno = EISDIR;
    return systemError("read", path);
  }
  std::string bytes(
      std::min<std::uint64_t>(limit, static_cast<std::uint64_t>(info.st_size)),
      '\0');
  std::size_t have = 0;
  while (have < bytes.size()) {
    ssize_t count =
        ::read(file.get(), bytes.data() + have, bytes.size() - have);
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return systemError("read", path);
    if (count == 0)
      break;
    have += static_cast<std::size_t>(count);
  }
  bytes.resize(have);
  return bytes;
}

Result<std::string> readFile(const std::filesystem::path &path) {
  return readText(path, ~std::uint64_t(0));
}

Result<void> writeFile(const std::filesystem::path &path,
                       std::string_view bytes) {
  std::string temporary = fmt::format("{}.{}.tmp", path.string(), ::getpid());
  {
    Fd file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
                   0644));
    if (!file.valid())
      return systemError("write", path);
    if (!writeAll(file.get(), bytes)) {
      auto error = systemError("write", path);
      ::unlink(temporary.c_str());
      return error;
    }
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    auto error = systemError("write", path);
    ::unlink(temporary.c_str());
    return error;
  }
  return {};
}

std::string hashText(std::string_view bytes) {
  XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

std::uint64_t hash64(std::string_view bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

std::string hashFile(const std::filesystem::path &path) {
  auto bytes = readFile(path);
  return bytes ? hashText(*bytes) : "missing";
}

std::filesystem::path normalPath(const std::filesystem::path &path) {
  std::error_code ignored;
  auto absolute = std::filesystem::absolute(path, ignored);
  auto canonical = std::filesystem::weakly_canonical(absolute, ignored);
  return canonical.empty() ? absolute.lexically_normal() : canonical;
}

} // namespace irlens::engine

#include "ir_lowering/mlir/tool_streams.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace irlens::mlir_worker {

namespace {

constexpr std::size_t kEndBytes = 16 << 10;
/// One turn of take(): a tool that never stops writing must not hold us up.
constexpr int kChunksPerTurn = 64;

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

} // namespace

ToolStream::ToolStream(int file, std::uint64_t limit, bool keepsEnd)
    : pipe_(makePipe()), file_(file), limit_(limit), keepsEnd_(keepsEnd) {
  for (int fd : {pipe_.readEnd.get(), pipe_.writeEnd.get()})
    fcntl(fd, F_SETFD, FD_CLOEXEC);
  fcntl(pipe_.readEnd.get(), F_SETFL, O_NONBLOCK);
}

void ToolStream::closeWriteEnd() { pipe_.writeEnd = Descriptor(); }

bool ToolStream::take() {
  std::array<char, 65536> chunk;
  for (int turn = 0; open_ && turn < kChunksPerTurn; ++turn) {
    ssize_t got = read(pipe_.readEnd.get(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0 && errno == EAGAIN)
      return false;
    if (got <= 0)
      open_ = false;
    else
      keep({chunk.data(), static_cast<std::size_t>(got)});
  }
  return open_;
}

void ToolStream::keep(std::string_view bytes) {
  made_ += bytes.size();
  std::size_t room =
      limit_ == 0 ? bytes.size()
                  : static_cast<std::size_t>(
                        std::min<std::uint64_t>(bytes.size(), limit_ - kept_));
  // A full disk is seen by whoever reads the file.
  if (writeAll(file_, bytes.substr(0, room)))
    kept_ += room;
  if (!keepsEnd_ || room == bytes.size())
    return;
  end_ += bytes.substr(room);
  if (end_.size() > 2 * kEndBytes)
    end_.erase(0, end_.size() - kEndBytes);
}

void ToolStream::finish() {
  if (end_.empty())
    return;
  if (end_.size() > kEndBytes)
    end_.erase(0, end_.size() - kEndBytes);
  std::uint64_t leftOut = made_ - kept_ - end_.size();
  if (leftOut > 0)
    writeAll(file_, fmt::format("\n[{} bytes left out]\n", leftOut));
  writeAll(file_, end_);
}

} // namespace irlens::mlir_worker

// Memory for a tensor that compiled code reads and writes: aligned as the
// lowering promises of its buffers and constants.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

namespace irlens::mlir_worker {

class AlignedBytes {
public:
  static constexpr std::size_t kAlignment = 64;

  explicit AlignedBytes(std::size_t size = 0)
      : size_(size), bytes_(static_cast<char *>(std::aligned_alloc(
                         kAlignment, (size / kAlignment + 1) * kAlignment))) {
    std::memset(bytes_.get(), 0, size);
  }
  explicit AlignedBytes(std::string_view content)
      : AlignedBytes(content.size()) {
    std::ranges::copy(content, bytes_.get());
  }

  char *data() const { return bytes_.get(); }
  std::size_t size() const { return size_; }

private:
  struct Free {
    void operator()(char *bytes) const { std::free(bytes); } // NOLINT
  };
  std::size_t size_;
  std::unique_ptr<char, Free> bytes_;
};

} // namespace irlens::mlir_worker

// Moves the code of large libraries into huge pages, so that a forked process
// does not have to map it anew: a fork inherits no page table entries of files,
// and a compiler that touches all of LLVM pays for that in each of its
// processes. Called by the fork server while it has nothing else to do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace irlens::inline worker {

class HugeText {
public:
  /// Finds the code segments of at least `smallest` bytes among the libraries
  /// of this process.
  explicit HugeText(std::size_t smallest);
  ~HugeText();
  HugeText(const HugeText &) = delete;
  HugeText &operator=(const HugeText &) = delete;

  /// Does a part of the work, about a millisecond. False when nothing is left:
  /// all is moved, or the kernel has no huge pages (MADV_COLLAPSE, Linux 6.1),
  /// and then everything stays as it was.
  bool step();

private:
  struct Segment {
    std::uintptr_t begin = 0; ///< Both on the border of a huge page.
    std::size_t size = 0;
  };

  bool copyNext();
  bool replace();
  void discard();

  std::vector<Segment> segments_; ///< Still to be moved, the last one first.
  std::span<std::byte> reserved_; ///< What was mapped for the copy.
  std::span<std::byte> copy_;     ///< Of it, the part on whole huge pages.
  std::size_t copied_ = 0;
};

} // namespace irlens::inline worker

#include "ir_lowering/worker/huge_text.h"

#include <cstring>
#include <link.h>
#include <sys/mman.h>

namespace irlens::inline worker {

namespace {

constexpr std::size_t kHugePage = 2 << 20;
// <sys/mman.h> of older C libraries lacks it.
constexpr int kCollapse = 25;

std::uintptr_t roundedUp(std::uintptr_t address) {
  return (address + kHugePage - 1) / kHugePage * kHugePage;
}

/// Memory of this process as bytes.
std::byte *bytesAt(std::uintptr_t address) {
  return reinterpret_cast<std::byte *>(address); // NOLINT
}

} // namespace

HugeText::HugeText(std::size_t smallest) {
  auto visit = [&](const dl_phdr_info &info) {
    for (const auto &part : std::span(info.dlpi_phdr, info.dlpi_phnum)) {
      bool isCode = part.p_type == PT_LOAD && (part.p_flags & PF_X) &&
                    !(part.p_flags & PF_W);
      if (!isCode || part.p_memsz < smallest)
        continue;
      std::uintptr_t begin = info.dlpi_addr + part.p_vaddr;
      std::uintptr_t end = (begin + part.p_memsz) / kHugePage * kHugePage;
      begin = roundedUp(begin);
      if (begin < end)
        segments_.push_back({begin, end - begin});
    }
  };
  dl_iterate_phdr(
      [](dl_phdr_info *info, std::size_t, void *data) {
        (*static_cast<decltype(visit) *>(data))(*info);
        return 0;
      },
      &visit);
}

HugeText::~HugeText() { discard(); }

bool HugeText::step() {
  if (segments_.empty())
    return false;
  bool done = copied_ < segments_.back().size ? copyNext() : replace();
  if (!done) {
    discard();
    segments_.clear();
  }
  return done;
}

bool HugeText::copyNext() {
  const Segment &segment = segments_.back();
  if (reserved_.empty()) {
    std::size_t size = segment.size + kHugePage;
    void *memory = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
      return false;
    reserved_ = {static_cast<std::byte *>(memory), size};
    auto start = reinterpret_cast<std::uintptr_t>(memory); // NOLINT
    copy_ = reserved_.subspan(roundedUp(start) - start, segment.size);
    madvise(copy_.data(), copy_.size(), MADV_HUGEPAGE);
  }
  std::byte *page = copy_.data() + copied_;
  std::memcpy(page, bytesAt(segment.begin + copied_), kHugePage);
  copied_ += kHugePage;
  // Small pages would be worse than the file: each fork copies their entries.
  return madvise(page, kHugePage, kCollapse) == 0;
}

/// The copy takes the place of the file's pages. Whoever executes this is not
/// in them: they are another library's.
bool HugeText::replace() {
  Segment segment = segments_.back();
  if (mprotect(copy_.data(), copy_.size(), PROT_READ | PROT_EXEC) != 0 ||
      mremap(copy_.data(), copy_.size(), copy_.size(),
             MREMAP_MAYMOVE | MREMAP_FIXED,
             bytesAt(segment.begin)) == MAP_FAILED)
    return false;
  discard();
  segments_.pop_back();
  return true;
}

/// Unmaps what is reserved; where the copy has moved away there is nothing.
void HugeText::discard() {
  if (!reserved_.empty())
    munmap(reserved_.data(), reserved_.size());
  reserved_ = {};
  copy_ = {};
  copied_ = 0;
}

} // namespace irlens::inline worker

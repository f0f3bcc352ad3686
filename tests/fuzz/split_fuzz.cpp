// Fuzzes the splitter of one format (IRLENS_FUZZ_FORMAT, set by CMake): on any
// bytes it ends, makes nothing longer, and links only lines that are there.
#include "engine/text/split.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace irlens::engine;

namespace {

void require(bool condition) {
  if (!condition)
    std::abort();
}

void checkLinks(const SplitText &split) {
  auto lines = int(std::ranges::count(split.text, '\n')) + 1;
  // JSON has no place for file names that are not UTF-8: they change once.
  auto again = LinkTable::fromJson(split.links.toJson());
  require(again.has_value());
  auto third = LinkTable::fromJson(again->toJson());
  require(third.has_value() && third->toJson() == again->toJson());
  for (int line = 1; line <= lines; ++line)
    for (const auto &chain : split.links.chains(line)) {
      require(!chain.empty());
      const SourcePos &outermost = chain.front();
      auto back = split.links.irLines(outermost.file, outermost.line);
      require(std::ranges::find(back, line) != back.end());
    }
  require(split.links.chains(lines + 1).empty());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data,
                                      std::size_t size) {
  std::string_view raw(reinterpret_cast<const char *>(data), size);
  SplitText result = split(TextFormat::IRLENS_FUZZ_FORMAT, raw);
  require(result.text.size() <= raw.size());
  checkLinks(result);
  return 0;
}

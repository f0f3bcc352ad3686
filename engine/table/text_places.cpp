// See text_places.h.
#include "engine/table/text_places.h"

#include <algorithm>
#include <utility>

namespace irlens::engine {

TextPlaces::TextPlaces(std::string file, std::string_view text)
    : file_(std::move(file)), starts_{0} {
  for (std::size_t at = text.find('\n'); at != std::string_view::npos;
       at = text.find('\n', at + 1))
    starts_.push_back(at + 1);
}

Definition TextPlaces::place(ByteRange range) const {
  auto find = [&](std::size_t offset, int &line, int &column) {
    auto next = std::ranges::upper_bound(starts_, offset);
    line = static_cast<int>(next - starts_.begin());
    column = static_cast<int>(offset - *std::prev(next)) + 1;
  };
  Definition place;
  place.file = file_;
  find(range.begin, place.line, place.column);
  find(std::max(range.begin, range.end), place.endLine, place.endColumn);
  return place;
}

} // namespace irlens::engine

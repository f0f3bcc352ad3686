// Places in comments.
// Runs wherever split() is called, usually on libuv's pool.
#include "engine/text/inlined_places.h"

#include <charconv>

namespace irlens::engine::text {

namespace {
constexpr std::size_t kMaxPlaces = 64;
constexpr std::string_view kCaller = " @[ ";
} // namespace

std::optional<int> takeLastNumber(std::string_view &text) {
  std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return std::nullopt;
  const char *last = text.data() + text.size();
  int value = 0;
  auto [end, error] = std::from_chars(text.data() + colon + 1, last, value);
  if (error != std::errc{} || end != last || value < 0)
    return std::nullopt;
  text = text.substr(0, colon);
  return value;
}

std::vector<SpelledPlace> inlinedPlaces(std::string_view comment) {
  std::vector<SpelledPlace> places;
  while (comment.ends_with(" ]"))
    comment.remove_suffix(2);
  while (places.size() < kMaxPlaces) {
    std::size_t next = comment.find(kCaller);
    std::string_view text = comment.substr(0, next);
    auto last = takeLastNumber(text);
    if (!last)
      return {};
    SpelledPlace place{text, *last, 0};
    if (auto line = takeLastNumber(text))
      place = {text, *line, *last};
    places.push_back(place);
    if (next == std::string_view::npos)
      break;
    comment.remove_prefix(next + kCaller.size());
  }
  return places;
}

} // namespace irlens::engine::text

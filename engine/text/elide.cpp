// Shortening of big constants.
// Runs wherever split() is called, usually on libuv's pool.
#include "engine/text/elide.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace irlens::engine::text {

namespace {

constexpr std::size_t kKeptHex = 18; // "0x" and two 64-bit words' worth
constexpr std::size_t kKeptString = 64;
constexpr std::size_t kKeptList = 128;

/// What closes `open`, nothing when it is no bracket.
std::optional<char> closerOf(char open) {
  switch (open) {
  case '[':
    return ']';
  case '(':
    return ')';
  case '{':
    return '}';
  case '<':
    return '>';
  default:
    return std::nullopt;
  }
}

} // namespace

std::size_t wholeCharacters(std::string_view text, std::size_t size) {
  size = std::min(size, text.size());
  for (int back = 0; back < 3 && size > 0 && size < text.size(); ++back, --size)
    if ((static_cast<unsigned char>(text[size]) & 0xC0) != 0x80)
      break;
  return size;
}

std::string elideHex(std::string_view digits) {
  return fmt::format("{}...({} bytes)", digits.substr(0, kKeptHex),
                     (digits.size() - 2) / 2);
}

std::string elideString(std::string_view text) {
  // Never half of an escape such as \22.
  std::size_t kept = wholeCharacters(text, kKeptString);
  if (std::size_t escape = text.find('\\', kept < 3 ? 0 : kept - 3);
      escape < kept)
    kept = escape;
  return fmt::format("{}...({} bytes)", text.substr(0, kept), text.size());
}

std::string elideList(std::string_view list) {
  std::size_t kept = 0;
  std::string closers;
  std::string closersAtKept;
  bool isInString = false;
  for (std::size_t at = 0; at < std::min(kKeptList, list.size()); ++at) {
    char c = list[at];
    if (c == '"')
      isInString = !isInString;
    if (isInString)
      continue;
    if (c == ',') {
      kept = at + 1;
      closersAtKept = closers;
    } else if (auto closer = closerOf(c)) {
      closers.push_back(*closer);
    } else if (!closers.empty() && c == closers.back()) {
      closers.pop_back();
    }
  }
  std::ranges::reverse(closersAtKept);
  return fmt::format("{} ...({} elements){}", list.substr(0, kept),
                     std::ranges::count(list, ',') + 1, closersAtKept);
}

} // namespace irlens::engine::text

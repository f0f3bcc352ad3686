#include "lsp/framing.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <utility>

namespace irlens::lsp {
namespace {

constexpr std::string_view kContentLength = "content-length";

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equalsIgnoringCase(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim(std::string_view text) {
  auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && blank(text.back()))
    text.remove_suffix(1);
  return text;
}

/// A header name is a token of RFC 9110, section 5.6.2 (near enough).
bool isHeaderName(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
  });
}

/// Where the last "content-length:" of a line begins, npos if there is none.
std::size_t findContentLength(std::string_view line) {
  std::string folded(line);
  std::ranges::transform(folded, folded.begin(), lower);
  return folded.rfind(std::string(kContentLength) + ":");
}

std::optional<std::size_t> parseLength(std::string_view text) {
  std::size_t value = 0;
  auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty())
    return std::nullopt;
  return value;
}

} // namespace

std::string frame(std::string_view body) {
  std::string bytes =
      "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  bytes.append(body);
  return bytes;
}

FrameParser::FrameParser(OnMessage onMessage, OnGarbage onGarbage)
    : FrameParser(std::move(onMessage), std::move(onGarbage), Limits()) {}

FrameParser::FrameParser(OnMessage onMessage, OnGarbage onGarbage,
                         Limits limits)
    : onMessage_(std::move(onMessage)), onGarbage_(std::move(onGarbage)),
      limits_(limits) {}

void FrameParser::feed(std::string_view chunk) {
  while (!chunk.empty())
    chunk = inBody_ ? takeBody(chunk) : takeHeader(chunk);
}

bool FrameParser::incomplete() const {
  return inBody_ || resync_ || length_ || lines_ > 0 || !line_.empty();
}

std::string_view FrameParser::takeHeader(std::string_view chunk) {
  std::size_t end = chunk.find('\n');
  std::string_view piece = chunk.substr(0, end);
  line_.append(piece.substr(0, limits_.headerLine + 1));
  if (line_.size() > limits_.headerLine) {
    garbage("a header line is too long");
    // The tail may be the beginning of a header that follows the garbage.
    std::string_view tail = piece.substr(
        piece.size() - std::min(piece.size(), limits_.headerLine / 2));
    line_.assign(tail);
  }
  if (end == std::string_view::npos)
    return {};
  std::string line = std::exchange(line_, {});
  if (line.ends_with('\r'))
    line.pop_back();
  headerLine(line);
  return chunk.substr(end + 1);
}

void FrameParser::headerLine(std::string_view line) {
  if (resync_) {
    std::size_t at = findContentLength(line);
    if (at == std::string_view::npos)
      return;
    resync_ = false;
    line.remove_prefix(at);
  }
  if (line.empty()) {
    // Stray blank lines between frames do no harm.
    if (lines_ > 0)
      endOfHeader();
    return;
  }
  std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !isHeaderName(line.substr(0, colon))) {
    garbage("expected a header line such as \"Content-Length: 123\"");
    // What is left of an overlong body has no newline before the next frame.
    std::size_t next = findContentLength(line);
    if (next != std::string_view::npos && next > 0)
      headerLine(line.substr(next));
    return;
  }
  if (++lines_ > limits_.headerLines)
    return garbage("too many header lines");
  if (!equalsIgnoringCase(line.substr(0, colon), kContentLength))
    return; // Content-Type has one legal value; others are nobody's business.
  std::optional<std::size_t> length = parseLength(trim(line.substr(colon + 1)));
  if (!length)
    return garbage("Content-Length is not a number");
  if (length_ && *length_ != *length)
    return garbage("two different Content-Length headers");
  if (*length > limits_.body)
    return garbage("the message is larger than " +
                   std::to_string(limits_.body) + " bytes");
  length_ = length;
}

void FrameParser::endOfHeader() {
  if (!length_)
    return garbage("a header without Content-Length");
  lines_ = 0;
  if (*length_ == 0) {
    length_.reset();
    onGarbage_("an empty message");
    return;
  }
  inBody_ = true;
  body_.clear();
}

std::string_view FrameParser::takeBody(std::string_view chunk) {
  std::size_t missing = *length_ - body_.size();
  std::string_view piece = chunk.substr(0, missing);
  std::string_view rest = chunk.substr(piece.size());
  if (piece.size() < missing) {
    body_.append(piece);
    return rest;
  }
  // Most messages arrive whole: no copy then.
  std::string held;
  if (!body_.empty()) {
    body_.append(piece);
    held = std::exchange(body_, {});
    piece = held;
  }
  inBody_ = false;
  length_.reset();
  onMessage_(piece);
  return rest;
}

void FrameParser::garbage(const std::string &reason) {
  lines_ = 0;
  length_.reset();
  if (std::exchange(resync_, true))
    return;
  onGarbage_(reason);
}

} // namespace irlens::lsp

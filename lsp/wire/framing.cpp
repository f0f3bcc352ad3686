#include "lsp/wire/framing.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <utility>

namespace irlens::lsp {
namespace {

constexpr std::string_view kMark = "content-length:";
constexpr std::string_view kContentLength = kMark.substr(0, kMark.size() - 1);

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
  if (resync_)
    return skipGarbage(chunk);
  std::size_t end = chunk.find('\n');
  std::size_t room = limits_.headerLine + 1 - line_.size();
  std::string_view piece = chunk.substr(0, std::min(end, room));
  line_.append(piece);
  if (line_.size() > limits_.headerLine) {
    garbage("a header line is too long", std::exchange(line_, {}));
    return chunk.substr(piece.size());
  }
  if (end == std::string_view::npos)
    return {};
  std::string line = std::exchange(line_, {});
  if (line.ends_with('\r'))
    line.pop_back();
  headerLine(line);
  return chunk.substr(end + 1);
}

/// Looks for "content-length:", wherever it stands: what is left of an overlong
/// body has no newline before the next frame.
std::string_view FrameParser::skipGarbage(std::string_view chunk) {
  for (std::size_t i = 0; i < chunk.size(); ++i) {
    char c = lower(chunk[i]);
    // The first letter does not occur again in the word, so this is a full
    // search.
    if (c == kMark[matched_])
      ++matched_;
    else
      matched_ = c == kMark[0] ? 1 : 0;
    if (matched_ == kMark.size()) {
      resync_ = false;
      line_ = kMark;
      return chunk.substr(i + 1);
    }
  }
  return {};
}

void FrameParser::headerLine(const std::string &line) {
  if (line.empty()) {
    // Stray blank lines between frames do no harm.
    if (lines_ > 0)
      endOfHeader();
    return;
  }
  std::string_view view = line;
  std::size_t colon = view.find(':');
  if (colon == std::string_view::npos || !isHeaderName(view.substr(0, colon)))
    return garbage("expected a header line such as \"Content-Length: 123\"",
                   line + "\n");
  if (++lines_ > limits_.headerLines)
    return garbage("too many header lines", line + "\n");
  if (!equalsIgnoringCase(view.substr(0, colon), kContentLength))
    return; // Content-Type has one legal value; others are nobody's business.
  std::optional<std::size_t> length = parseLength(trim(view.substr(colon + 1)));
  if (!length)
    return garbage("Content-Length is not a number", line + "\n");
  if (length_ && *length_ != *length)
    return garbage("two different Content-Length headers", line + "\n");
  if (*length > limits_.body)
    return garbage("the message is larger than " +
                       std::to_string(limits_.body) + " bytes",
                   line + "\n");
  length_ = length;
}

void FrameParser::endOfHeader() {
  if (!length_)
    return garbage("a header without Content-Length", "");
  lines_ = 0;
  if (*length_ == 0) {
    length_.reset();
    onGarbage_("an empty message");
    return;
  }
  inBody_ = true;
  bodyLength_ = *length_;
  body_.clear();
}

std::string_view FrameParser::takeBody(std::string_view chunk) {
  std::size_t missing = bodyLength_ - body_.size();
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

void FrameParser::garbage(const std::string &reason, std::string_view text) {
  lines_ = 0;
  length_.reset();
  resync_ = true;
  matched_ = 0;
  onGarbage_(reason);
  // A frame may begin inside of what was taken for a header line. Without its
  // first byte the line cannot be refused for the same reason again.
  if (!text.empty())
    feed(text.substr(1));
}

} // namespace irlens::lsp

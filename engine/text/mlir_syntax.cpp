// Lexical rules of MLIR.
// Runs wherever split() is called, usually on libuv's pool.
#include "engine/text/mlir_syntax.h"

namespace irlens::engine::text {

namespace {

int hexDigit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

/// True when an odd number of backslashes stands before `at`, counted back to
/// `begin` at most.
bool isEscaped(std::string_view text, std::size_t at) {
  std::size_t slashes = 0;
  while (slashes < at && text[at - slashes - 1] == '\\')
    ++slashes;
  return slashes % 2 == 1;
}

} // namespace

std::size_t stringSize(std::string_view text) {
  for (std::size_t at = text.find('"', 1); at != std::string_view::npos;
       at = text.find('"', at + 1))
    if (!isEscaped(text.substr(1, at - 1), at - 1))
      return at + 1;
  return text.size();
}

std::size_t balancedSize(std::string_view text) {
  std::size_t depth = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    switch (text[at]) {
    case '"':
      at += stringSize(text.substr(at)) - 1;
      break;
    case '(':
    case '[':
    case '{':
    case '<':
      ++depth;
      break;
    case '-':
      if (at + 1 < text.size() && text[at + 1] == '>')
        ++at;
      break;
    case ')':
    case ']':
    case '}':
    case '>':
      if (depth <= 1)
        return at + 1;
      --depth;
      break;
    default:
      break;
    }
  }
  return text.size();
}

std::string unescape(std::string_view quoted) {
  std::string out;
  std::size_t end = quoted.size();
  if (end >= 2 && quoted.ends_with('"'))
    --end;
  for (std::size_t at = 1; at < end; ++at) {
    if (quoted[at] != '\\' || at + 1 >= end) {
      out += quoted[at];
      continue;
    }
    char next = quoted[++at];
    int high = hexDigit(next);
    int low = at + 1 < end ? hexDigit(quoted[at + 1]) : -1;
    if (high >= 0 && low >= 0) {
      out += char(high * 16 + low);
      ++at;
    } else if (next == 'n') {
      out += '\n';
    } else if (next == 't') {
      out += '\t';
    } else {
      out += next;
    }
  }
  return out;
}

} // namespace irlens::engine::text

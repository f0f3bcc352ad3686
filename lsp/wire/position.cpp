#include "lsp/wire/position.h"

#include <algorithm>
#include <array>
#include <utility>

namespace irlens::lsp {
namespace {

constexpr std::array<std::pair<std::string_view, Encoding>, 3> kEncodings = {{
    {"utf-8", Encoding::Utf8},
    {"utf-16", Encoding::Utf16},
    {"utf-32", Encoding::Utf32},
}};

/// One character of a line: its length in bytes and in UTF-16 units.
struct Character {
  std::size_t bytes;
  int utf16;
};

bool isContinuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

Character characterAt(std::string_view line, std::size_t at) {
  auto lead = static_cast<unsigned char>(line[at]);
  std::size_t length = 1;
  if (lead >= 0xF0 && lead <= 0xF4)
    length = 4;
  else if (lead >= 0xE0)
    length = 3;
  else if (lead >= 0xC2)
    length = 2;
  if (lead < 0x80 || lead > 0xF4 || at + length > line.size())
    return {1, 1};
  for (std::size_t i = 1; i < length; ++i)
    if (!isContinuation(line[at + i]))
      return {1, 1};
  return {length, length == 4 ? 2 : 1};
}

int unitsOf(Character character, Encoding encoding) {
  switch (encoding) {
  case Encoding::Utf8:
    return static_cast<int>(character.bytes);
  case Encoding::Utf16:
    return character.utf16;
  case Encoding::Utf32:
    return 1;
  }
  return 1;
}

} // namespace

std::string_view toString(Encoding encoding) {
  return std::ranges::find(kEncodings, encoding,
                           &std::pair<std::string_view, Encoding>::second)
      ->first;
}

Encoding negotiateEncoding(const Json &clientEncodings) {
  if (clientEncodings.is_array())
    for (const Json &wanted : clientEncodings)
      for (const auto &[name, encoding] : kEncodings)
        if (asString(wanted) == name)
          return encoding;
  return Encoding::Utf16;
}

int toUnits(std::string_view line, std::size_t bytes, Encoding encoding) {
  bytes = std::min(bytes, line.size());
  if (encoding == Encoding::Utf8)
    return static_cast<int>(bytes);
  int units = 0;
  for (std::size_t at = 0; at < bytes;) {
    Character character = characterAt(line, at);
    if (at + character.bytes > bytes)
      break; // An offset inside a character means its beginning.
    units += unitsOf(character, encoding);
    at += character.bytes;
  }
  return units;
}

std::size_t toBytes(std::string_view line, int units, Encoding encoding) {
  std::size_t at = 0;
  int seen = 0;
  while (at < line.size() && seen < units) {
    Character character = characterAt(line, at);
    seen += unitsOf(character, encoding);
    if (seen > units)
      break;
    at += character.bytes;
  }
  return at;
}

TextLines::TextLines(std::string_view text) : text_(text), starts_{0} {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n')
      ++i;
    if (text[i] == '\n' || text[i] == '\r')
      starts_.push_back(i + 1);
  }
}

std::string_view TextLines::line(int index) const {
  if (index < 0 || index >= count())
    return {};
  std::size_t begin = starts_[static_cast<std::size_t>(index)];
  std::size_t end = index + 1 < count()
                        ? starts_[static_cast<std::size_t>(index) + 1]
                        : text_.size();
  std::string_view line = text_.substr(begin, end - begin);
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r'))
    line.remove_suffix(1);
  return line;
}

std::size_t TextLines::offset(Position position, Encoding encoding) const {
  if (position.line < 0)
    return 0;
  if (position.line >= count())
    return text_.size();
  return starts_[static_cast<std::size_t>(position.line)] +
         toBytes(line(position.line), position.character, encoding);
}

ByteSpan codePart(std::string_view line) {
  auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\f'; };
  std::size_t begin = 0;
  while (begin < line.size() && blank(line[begin]))
    ++begin;
  // A '#' inside a one-line string is no comment; strings over several lines
  // are not known here, which costs at most a shorter underline.
  std::size_t end = line.size();
  char quote = 0;
  for (std::size_t i = begin; i < line.size(); ++i) {
    if (quote != 0) {
      if (line[i] == '\\')
        ++i;
      else if (line[i] == quote)
        quote = 0;
    } else if (line[i] == '"' || line[i] == '\'') {
      quote = line[i];
    } else if (line[i] == '#') {
      end = i;
      break;
    }
  }
  if (end == begin)
    end = line.size();
  while (end > begin && blank(line[end - 1]))
    --end;
  return {begin, end};
}

} // namespace irlens::lsp

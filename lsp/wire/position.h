// Positions: LSP counts lines from 0 and columns in units of a negotiated
// encoding; everybody else here counts from 1 and in bytes of UTF-8. Pure; any
// thread.
#pragma once

#include "lsp/wire/json.h"

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace irlens::lsp {

enum class Encoding { Utf8, Utf16, Utf32 };

std::string_view toString(Encoding encoding);

/// The first of the client's `general.positionEncodings` that we know; UTF-16,
/// which is the default of LSP, when there is none.
Encoding negotiateEncoding(const Json &clientEncodings);

/// Zero-based, columns in units of the session's encoding.
struct Position {
  int line = 0;
  int character = 0;
  auto operator<=>(const Position &) const = default;
};

struct Range {
  Position start;
  Position end;
  bool operator==(const Range &) const = default;
};

/// Length of the first `bytes` bytes of `line` in units. A byte that belongs to
/// no character counts as one unit, as the U+FFFD that a client shows for it.
int toUnits(std::string_view line, std::size_t bytes, Encoding encoding);

/// The byte offset of a column; the end of the line when the column lies beyond
/// it, the character's first byte when it lies inside a character.
std::size_t toBytes(std::string_view line, int units, Encoding encoding);

/// A text cut into lines at \n, \r\n and \r, as LSP does. The text must outlive
/// it.
class TextLines {
public:
  explicit TextLines(std::string_view text);

  /// At least 1: an empty text has one empty line.
  int count() const { return static_cast<int>(starts_.size()); }
  /// Without its line ending; empty when there is no such line (from 0).
  std::string_view line(int index) const;
  /// Byte offset of a position, clamped to the text as LSP wants it.
  std::size_t offset(Position position, Encoding encoding) const;

private:
  std::string_view text_;
  std::vector<std::size_t> starts_;
};

/// The part of a source line that is code: from the first character that is no
/// blank to the end without trailing blanks and Python comment, as byte
/// offsets. A line of nothing but a comment is code as a whole.
struct ByteSpan {
  std::size_t begin = 0;
  std::size_t end = 0;
};
ByteSpan codePart(std::string_view line);

} // namespace irlens::lsp

// How the lines of one stage's text relate to those of another's: a producer
// knows which raw line of the stage before each of its own lines was made from
// (PROTOCOL.md, LINKS, "from"), and a document lacks lines of the raw text.
// Parts of a LinkTable: made on libuv's pool, read on the loop thread. Values.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace irlens::engine {

/// Rows of lines as they stand in JSON; 0 stands for what is no line.
using LineRows = std::vector<std::vector<int>>;

/// Which line of a document a line of the raw text is, and back. Lines count
/// from 1; 0 means none.
class ErasedLines {
public:
  /// Says that the document lacks this raw line. Lines come in ascending order.
  void erase(int rawLine);
  /// Says that the document has so many lines more above the first.
  void add(int lines) { added_ += lines; }

  int documentLine(int rawLine) const;
  int rawLine(int documentLine) const;

  /// What stands in the JSON of a link table: `,"erased":[...],"added":1`.
  std::string toJson() const;
  /// From what stood there: rows that make no sense are left out. Without rows
  /// nothing is known, and no line is another one.
  static ErasedLines fromRows(const std::optional<LineRows> &rows, int added);

private:
  struct Range {
    int first;
    int last;
    int before; ///< Lines that were erased above it.
  };

  std::vector<Range> ranges_; ///< Ascending; neighbours are one.
  int added_ = 0;
  bool isKnown_ = true;
};

/// Which raw lines of the stage before each line was made from.
class Origins {
public:
  /// Any order; cheap for ascending lines.
  void add(int line, int rawLine);

  /// Ascending, without repetition.
  std::vector<int> rawLinesOf(int line) const;
  std::vector<int> linesOf(int rawLine) const;

  bool empty() const { return pairs_.empty(); }
  /// The same for a text with `lines` more lines at its top.
  void shift(int lines);

  /// What stands in the JSON of a link table: `,"from":[...]`; empty for none.
  std::string toJson() const;
  /// Rows that make no sense are left out.
  static Origins fromRows(const LineRows &rows);

private:
  std::vector<std::pair<int, int>> pairs_; ///< Ascending.
};

} // namespace irlens::engine

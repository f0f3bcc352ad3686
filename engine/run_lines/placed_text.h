// A text that remembers, for each character, where in the test it came from:
// substitutions and joined lines move characters, diagnostics need their
// places. Used by the readers of engine/run_lines. Pure; any thread.
#pragma once

#include "engine/run_lines/command_tree.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace irlens::engine::run_lines {

/// Offsets in the test, the second behind the last character.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;

  bool operator==(const Span &) const = default;
};

class PlacedText {
public:
  PlacedText() = default;
  /// Text that stands in the test as it is, from `offset` on.
  PlacedText(std::string_view text, std::size_t offset);

  std::size_t size() const { return text_.size(); }
  bool empty() const { return text_.empty(); }
  char operator[](std::size_t at) const { return text_[at]; }
  const std::string &text() const { return text_; }
  /// True for a character that nothing replaces any more: the % of a `%%`.
  bool isFinal(std::size_t at) const { return places_[at].final; }
  /// Where the characters [from, to) stand in the test. Of an empty range:
  /// where the text before it ends.
  Span span(std::size_t from, std::size_t to) const;
  Span span() const { return span(0, size()); }

  void append(const PlacedText &other);
  /// Appends text that stands for what is at `place`.
  void append(std::string_view text, Span place, bool final = false);
  PlacedText part(std::size_t from, std::size_t to) const;
  void removeSuffix(std::size_t count);
  /// Takes away white space at the end, or at both.
  void trimEnd();
  PlacedText trimmed() const;
  /// Index of the first occurrence of a text of which no character is final.
  std::size_t find(std::string_view wanted, std::size_t from) const;

private:
  struct Place {
    std::size_t begin;
    std::size_t end;
    bool final;
  };
  std::string text_;
  std::vector<Place> places_;
  std::size_t start_ = 0; ///< Where an empty text stands.
};

/// Turns offsets into lines and columns.
class LineIndex {
public:
  explicit LineIndex(std::string_view text);
  TextRange range(Span span) const;
  /// The number of the line that holds the offset, from 1.
  int line(std::size_t offset) const;

private:
  int column(std::size_t offset) const;
  std::vector<std::size_t> begins_;
};

} // namespace irlens::engine::run_lines

// Which line of a changed buffer is which line of the text that was lowered.
// Links and diagnostics speak of the lowered text, editors of the buffer. Made
// by comparing the two texts, not by following edits: so it is right after
// incremental edits, full-text edits, formatters and missed notifications
// alike. Pure; any thread.
#pragma once

#include <string_view>
#include <vector>

namespace irlens::lsp {

/// Lines count from 1; 0 means "no such line".
class LineMap {
public:
  /// Every line maps to itself.
  LineMap() = default;
  /// Lines that stand unchanged in both texts map to each other; between two of
  /// them an equal number of lines is taken as edited in place.
  static LineMap between(std::string_view lowered, std::string_view current);

  int toCurrent(int loweredLine) const;
  int toLowered(int currentLine) const;
  bool isIdentity() const { return toCurrent_.empty(); }

private:
  std::vector<int> toCurrent_; ///< Index: lowered line - 1.
  std::vector<int> toLowered_; ///< Index: current line - 1.
};

} // namespace irlens::lsp

// Finds the lines of a test that lit obeys: RUN:, DEFINE:, REDEFINE: with their
// continuations, REQUIRES:, UNSUPPORTED:, XFAIL:. As in lit, a keyword counts
// wherever it stands in a line, and `END.` at the end of one ends the search.
// Used by run_lines.cpp. Pure; any thread.
#pragma once

#include "engine/run_lines/placed_text.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace irlens::engine::run_lines {

enum class Keyword : std::uint8_t {
  Run,
  Define,
  Redefine,
  Requires,
  Unsupported,
  ExpectedToFail,
  AllowRetries,
  End,
};

/// A keyword with what follows it, continued lines joined.
struct KeywordLine {
  Keyword keyword;
  PlacedText text;
  Span word;                 ///< The keyword itself.
  bool unterminated = false; ///< Ends in `\` with no line of its kind behind.
};

/// In the order of the text.
std::vector<KeywordLine> findKeywordLines(std::string_view text);

} // namespace irlens::engine::run_lines

// Reads a command line as lit's own shell does, without one: words with quotes
// and backslashes, and operators. Nothing is expanded. Used by
// shell_parser.cpp. Pure; any thread.
#pragma once

#include "engine/run_lines/placed_text.h"
#include "engine/run_lines/substitutions.h"

#include <cstdint>
#include <string>
#include <vector>

namespace irlens::engine::run_lines {

struct Token {
  enum class Kind : std::uint8_t { Word, Operator };
  Kind kind;
  std::string text; ///< Of a word without its quotes.
  Span place;       ///< With them.
  /// The 2 of `2>`; -1 when no number stands before the operator.
  int descriptor = -1;

  bool is(std::string_view op) const {
    return kind == Kind::Operator && text == op;
  }
};

struct TokenList {
  std::vector<Token> tokens;
  std::vector<Complaint> errors; ///< Each of them means: do not run this.
  std::vector<Complaint> warnings;
};

TokenList readTokens(const PlacedText &command);

} // namespace irlens::engine::run_lines

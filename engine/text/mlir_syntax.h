// The few lexical rules of MLIR that the splitter needs: names, strings,
// balanced brackets. Source: the MLIR language reference, "Common syntax". Used
// by the MLIR splitter and its location parser; pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace irlens::engine::text {

/// True for the characters of `bare-id` and `suffix-id`.
inline bool isNamePart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '_' || c == '$' || c == '.' || c == '-';
}

/// Size of the string literal that `text` begins with, both quotes included;
/// the rest of `text` when it does not end.
std::size_t stringSize(std::string_view text);

/// Size of the bracketed piece that `text` begins with, both brackets included;
/// the rest of `text` when it does not end. Strings and `->` inside are
/// skipped.
std::size_t balancedSize(std::string_view text);

/// What a string literal with its quotes says: \\, \", \n, \t and \XX in hex.
std::string unescape(std::string_view quoted);

} // namespace irlens::engine::text

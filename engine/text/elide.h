// How a document shortens big constants. The full text stays in the raw file.
// Used by the splitters of engine/text; pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace irlens::engine::text {

/// Hex blobs and literal lists up to this length stay as they are.
inline constexpr std::size_t kMaxConstant = 256;
/// Strings that people wrote (names, inline assembly) may be longer.
inline constexpr std::size_t kMaxString = 1024;

/// The greatest size up to `size` that does not cut a UTF-8 character of
/// `text`.
std::size_t wholeCharacters(std::string_view text, std::size_t size);

/// `0x3F8A51C2...(4096 bytes)` for the inside of a long hex string.
std::string elideHex(std::string_view digits);

/// The first bytes of a long string and `...(N bytes)`.
std::string elideString(std::string_view text);

/// `[[1.0, 2.0, ...(4096 elements)]]` for a long nested literal list: cut after
/// a comma, brackets closed.
std::string elideList(std::string_view list);

} // namespace irlens::engine::text

// The places that LLVM writes into comments of assembly, innermost first:
//     ./h.h:1:48 @[ ./h.h:3:10 @[ c.c:8:10 ] ]
// Source: MCAsmStreamer and DebugLoc::print of LLVM 22; a column of 0 may be
// left out. Used by the splitters of assembly and SPIR-V; pure functions.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace irlens::engine::text {

struct SpelledPlace {
  std::string_view file; ///< As the comment spells it; may be empty.
  int line = 0;
  int column = 0;
};

/// Takes `:7` off the end of a text; nothing when no number stands there.
std::optional<int> takeLastNumber(std::string_view &text);

/// The places of a comment without its marker. Empty when it says something
/// else. Chains of more than a few dozen places lose the outermost ones.
std::vector<SpelledPlace> inlinedPlaces(std::string_view comment);

} // namespace irlens::engine::text

// "Did you mean": the nearest known name to a misspelt one. Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace irlens::engine {

/// The name with the smallest edit distance (Levenshtein) to `unknown`, empty
/// when none is nearer than a third of its length (at least 2).
std::string nearest(std::string_view unknown,
                    std::span<const std::string_view> known);

/// "; did you mean `linalg`?", empty when no name is near.
std::string didYouMean(std::string_view unknown,
                       std::span<const std::string_view> known);

} // namespace irlens::engine

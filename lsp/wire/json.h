// JSON without surprises: reading never throws, whatever a client sends, and
// writing replaces bytes that are no UTF-8 (texts come from users' files and
// compilers). Any thread; no state.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace irlens::lsp {

using Json = nlohmann::json;

/// Nothing if the text is no JSON, or is nested so deeply that working on it
/// recursively would exhaust the stack.
std::optional<Json> parseJson(std::string_view text);

/// Invalid UTF-8 becomes U+FFFD.
std::string dumpJson(const Json &value);

/// The value below a path of keys; a null value when a step is missing.
const Json &at(const Json &value, std::initializer_list<std::string_view> path);
const Json &at(const Json &value, std::string_view key);

std::optional<std::string> asString(const Json &value);
/// Integers only, within int64.
std::optional<std::int64_t> asInteger(const Json &value);
bool isTrue(const Json &value);
/// True when `array` is an array that holds this string.
bool holds(const Json &array, std::string_view element);

} // namespace irlens::lsp

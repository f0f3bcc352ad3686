#include "lsp/wire/json.h"

#include <algorithm>
#include <limits>

namespace irlens::lsp {
namespace {

constexpr int kMaxDepth = 500;

/// Counts brackets outside strings. Copying and writing a value recurse, so a
/// message of a million '[' must not become a value.
bool tooDeep(std::string_view text) {
  int depth = 0;
  bool inString = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (inString) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        inString = false;
    } else if (c == '"') {
      inString = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kMaxDepth)
        return true;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

const Json &nothing() {
  static const Json null;
  return null;
}

} // namespace

std::optional<Json> parseJson(std::string_view text) {
  if (tooDeep(text))
    return std::nullopt;
  Json value = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded())
    return std::nullopt;
  return value;
}

std::string dumpJson(const Json &value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

const Json &at(const Json &value, std::string_view key) {
  if (!value.is_object())
    return nothing();
  auto it = value.find(key);
  return it == value.end() ? nothing() : *it;
}

const Json &at(const Json &value,
               std::initializer_list<std::string_view> path) {
  const Json *here = &value;
  for (std::string_view key : path)
    here = &at(*here, key);
  return *here;
}

std::optional<std::string> asString(const Json &value) {
  if (const auto *text = value.get_ptr<const std::string *>())
    return *text;
  return std::nullopt;
}

std::optional<std::int64_t> asInteger(const Json &value) {
  if (value.is_number_unsigned()) {
    auto number = value.get<std::uint64_t>();
    if (number >
        static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      return std::nullopt;
    return static_cast<std::int64_t>(number);
  }
  if (value.is_number_integer())
    return value.get<std::int64_t>();
  return std::nullopt;
}

bool isTrue(const Json &value) {
  return value.is_boolean() && value.get<bool>();
}

bool holds(const Json &array, std::string_view element) {
  return array.is_array() && std::ranges::any_of(array, [&](const Json &item) {
           const auto *text = item.get_ptr<const std::string *>();
           return text && *text == element;
         });
}

} // namespace irlens::lsp

// JSON as people write it: with comments, trailing commas, and a place for
// every value, so that what is wrong can be shown where it stands. Reads
// .irlens.json and the built-in rows; messages between processes are plain JSON
// and have their own parser. Pure, fuzzed (tests/fuzz); any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace irlens::engine {

/// Bytes of a text; `end` is the first one behind.
struct ByteRange {
  std::size_t begin = 0;
  std::size_t end = 0;

  bool operator==(const ByteRange &) const = default;
};

/// Something to tell about a piece of a text.
struct TextProblem {
  std::string message;
  ByteRange range;
};

struct JsonMember;

struct JsonValue {
  enum class Kind : std::uint8_t { Null, Bool, Number, String, List, Object };

  Kind kind = Kind::Null;
  bool truth = false;              ///< Of a Bool.
  std::string text;                ///< Of a String; a Number as it is written.
  std::vector<JsonValue> items;    ///< Of a List.
  std::vector<JsonMember> members; ///< Of an Object, in their order.
  ByteRange range;

  bool isString() const { return kind == Kind::String; }
  bool isList() const { return kind == Kind::List; }
  bool isObject() const { return kind == Kind::Object; }
  /// The value of a key; null if it has none or is no object.
  const JsonValue *find(std::string_view key) const;
  /// The bytes of a string's text from `begin` on: exact where the string has
  /// no escapes, else all of it.
  ByteRange inside(std::size_t begin, std::size_t size) const;
};

struct JsonMember {
  std::string key;
  ByteRange keyRange;
  JsonValue value;
};

/// Values that are nested deeper are refused.
inline constexpr int kMaxJsonDepth = 64;

/// The value that the text holds, or what is wrong first. Accepts // and /* */
/// comments, and a comma behind the last item.
std::expected<JsonValue, TextProblem> readJsonText(std::string_view text);

/// As plain JSON in one line.
std::string toJson(const JsonValue &value);

} // namespace irlens::engine

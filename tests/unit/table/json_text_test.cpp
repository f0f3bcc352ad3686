// JSON as people write it (engine/table/json_text.h): what is read, and where
// the first mistake is shown.
#include "engine/table/json_text.h"
#include "engine/table/text_places.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

namespace irlens::engine {
namespace {

std::string read(std::string_view text) {
  auto value = readJsonText(text);
  return value ? toJson(*value) : "error: " + value.error().message;
}

TEST(JsonText, TakesCommentsAndTrailingCommas) {
  EXPECT_EQ(
      read("// head\n{\"a\": [1, 2,], /* in */ \"b\": {\"c\": null,},}\n// "
           "end"),
      R"({"a":[1,2],"b":{"c":null}})");
  EXPECT_EQ(read("\xEF\xBB\xBF [true, false, -0.5e+3]"),
            "[true,false,-0.5e+3]");
  EXPECT_EQ(read(R"("é \u00e9 \uD83D\uDE00 \n\"\\")"),
            "\"é é \U0001F600 \\n\\\"\\\\\"");
}

TEST(JsonText, KnowsWhereValuesStand) {
  std::string_view text = "{\n  \"rows\": [\"a\\tb\", \"opt -O2\"]\n}";
  auto value = readJsonText(text);
  ASSERT_TRUE(value);
  const JsonMember &rows = value->members.front();
  TextPlaces places("/ws/.irlens.json", text);
  EXPECT_EQ(places.place(rows.keyRange),
            (Definition{"/ws/.irlens.json", 2, 3, 2, 9}));
  const JsonValue &plain = rows.value.items[1];
  EXPECT_EQ(text.substr(plain.inside(4, 3).begin, 3), "-O2");
  // With an escape, bytes of the text are not those of the file.
  const JsonValue &escaped = rows.value.items[0];
  EXPECT_EQ(escaped.inside(0, 1), escaped.range);
}

struct Bad {
  const char *name;
  std::string text;
  const char *problem; ///< "line:column-endLine:endColumn message"
};

class JsonTextRefuses : public testing::TestWithParam<Bad> {};

TEST_P(JsonTextRefuses, AtItsPlace) {
  auto value = readJsonText(GetParam().text);
  ASSERT_FALSE(value);
  Definition at = TextPlaces("", GetParam().text).place(value.error().range);
  EXPECT_EQ(fmt::format("{}:{}-{}:{} {}", at.line, at.column, at.endLine,
                        at.endColumn, value.error().message),
            GetParam().problem);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, JsonTextRefuses,
    testing::Values(
        Bad{"Empty", "", "1:1-1:1 expected a value, but the text ends here"},
        Bad{"BareKey", "{\n  rows: []}",
            "2:3-2:7 the key `rows` must stand in double quotes"},
        Bad{"BareWord", "{\"a\": yes}",
            "1:7-1:10 `yes` must stand in double quotes"},
        Bad{"SingleQuotes", "['a']", "1:2-1:3 strings stand in double quotes"},
        Bad{"NoComma", "[1\n 2]", "2:2-2:3 expected `,` or `]`, found `2`"},
        Bad{"TwoCommas", "[1,,2]", "1:4-1:5 expected a value, found `,`"},
        Bad{"NoColon", "{\"a\" 1}",
            "1:6-1:7 expected `:` behind `a`, found "
            "`1`"},
        Bad{"OpenList", "{\"a\": [1,", "1:7-1:8 this `[` is not closed"},
        Bad{"OpenObject", "{\"a\": 1", "1:1-1:2 this `{` is not closed"},
        Bad{"WrongBracket", "{\"a\": [1}}",
            "1:9-1:10 expected `,` or `]`, found `}`"},
        Bad{"OpenString", "[\"abc\n]",
            "1:2-1:6 this string has no closing "
            "quote"},
        Bad{"OpenComment", "/* abc", "1:1-1:3 this comment has no end"},
        Bad{"BadEscape", R"(["a\qb"])",
            R"(1:4-1:6 JSON has no such escape; a backslash itself is `\\`)"},
        Bad{"HalfPair", R"(["\uD83D"])",
            "1:3-1:9 this escape is half of a pair"},
        Bad{"BadNumber", "[01]", "1:2-1:4 `01` is not a number"},
        Bad{"Twice", "{\"a\": 1,\n \"a\": 2}",
            "2:2-2:5 the key `a` stands twice"},
        Bad{"Behind", "{} x", "1:4-1:5 nothing may follow the value"},
        Bad{"NotUtf8", "[\"\xFF\"]", "1:3-1:4 this byte is not UTF-8"},
        Bad{"Control", std::string("[\"\x01\"]"),
            "1:3-1:4 a control character must be written as an escape"},
        Bad{"TooDeep", std::string(100, '['),
            "1:65-1:66 values are nested more than 64 deep"}),
    [](const auto &info) { return std::string(info.param.name); });

} // namespace
} // namespace irlens::engine

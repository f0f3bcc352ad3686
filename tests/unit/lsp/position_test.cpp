// Columns in UTF-8, UTF-16 and UTF-32, and the code of a line.
#include "lsp/wire/position.h"

#include <gtest/gtest.h>

namespace irlens::lsp {
namespace {

// a (1 byte), é (2 bytes), 漢 (3 bytes), 😀 (4 bytes, a surrogate pair), b
constexpr std::string_view kLine = "a\xC3\xA9\xE6\xBC\xA2\xF0\x9F\x98\x80"
                                   "b";

TEST(Position, UnitsOfEachEncoding) {
  struct {
    std::size_t bytes;
    int utf8, utf16, utf32;
  } rows[] = {{0, 0, 0, 0},   {1, 1, 1, 1},   {3, 3, 2, 2},  {6, 6, 3, 3},
              {10, 10, 5, 4}, {11, 11, 6, 5}, {99, 11, 6, 5}};
  for (auto row : rows) {
    EXPECT_EQ(toUnits(kLine, row.bytes, Encoding::Utf8), row.utf8);
    EXPECT_EQ(toUnits(kLine, row.bytes, Encoding::Utf16), row.utf16);
    EXPECT_EQ(toUnits(kLine, row.bytes, Encoding::Utf32), row.utf32);
    std::size_t inside = std::min<std::size_t>(row.bytes, kLine.size());
    EXPECT_EQ(toBytes(kLine, row.utf8, Encoding::Utf8), inside);
    EXPECT_EQ(toBytes(kLine, row.utf16, Encoding::Utf16), inside);
    EXPECT_EQ(toBytes(kLine, row.utf32, Encoding::Utf32), inside);
  }
}

TEST(Position, InsideACharacterMeansItsBeginning) {
  EXPECT_EQ(toBytes(kLine, 4, Encoding::Utf16), 6u); // Between the surrogates.
  EXPECT_EQ(toBytes(kLine, 2, Encoding::Utf8), 1u);
  EXPECT_EQ(toUnits(kLine, 8, Encoding::Utf16), 3);
}

TEST(Position, BrokenBytesCountOneEach) {
  std::string_view broken = "\xff\x80\xe6\xbc\xf0\x9f"
                            "b";
  EXPECT_EQ(toUnits(broken, broken.size(), Encoding::Utf16), 7);
  EXPECT_EQ(toBytes(broken, 6, Encoding::Utf32), 6u);
}

TEST(Position, EncodingIsTheFirstThatWeKnow) {
  auto of = [](const char *json) {
    return negotiateEncoding(Json::parse(json));
  };
  EXPECT_EQ(of("null"), Encoding::Utf16);
  EXPECT_EQ(of("[]"), Encoding::Utf16);
  EXPECT_EQ(of(R"(["utf-8","utf-16"])"), Encoding::Utf8);
  EXPECT_EQ(of(R"(["utf-32","utf-16"])"), Encoding::Utf32);
  EXPECT_EQ(of(R"(["ebcdic",5,"utf-16","utf-8"])"), Encoding::Utf16);
  EXPECT_EQ(toString(Encoding::Utf32), "utf-32");
}

TEST(TextLines, AllLineEndings) {
  TextLines lines("a\nb\r\nc\rd");
  ASSERT_EQ(lines.count(), 4);
  EXPECT_EQ(lines.line(1), "b");
  EXPECT_EQ(lines.line(2), "c");
  EXPECT_EQ(lines.line(3), "d");
  EXPECT_EQ(lines.line(4), "");
  EXPECT_EQ(lines.line(-1), "");
  EXPECT_EQ(TextLines("").count(), 1);
  EXPECT_EQ(TextLines("x\n").count(), 2);
}

TEST(TextLines, PositionsBeyondTheTextAreClamped) {
  TextLines lines("ab\r\ncd");
  EXPECT_EQ(lines.offset({0, 99}, Encoding::Utf16), 2u);
  EXPECT_EQ(lines.offset({1, 1}, Encoding::Utf16), 5u);
  EXPECT_EQ(lines.offset({9, 0}, Encoding::Utf16), 6u);
}

TEST(CodePart, WithoutBlanksAndComment) {
  auto part = [](std::string_view line) {
    ByteSpan span = codePart(line);
    return std::string(line.substr(span.begin, span.end - span.begin));
  };
  EXPECT_EQ(part("    x = f(1)  # call"), "x = f(1)");
  EXPECT_EQ(part("s = '#' # 1"), "s = '#'");
  EXPECT_EQ(part(R"(s = "\"#" + t)"), R"(s = "\"#" + t)");
  EXPECT_EQ(part("  # irlens: Net()  "), "# irlens: Net()");
  EXPECT_EQ(part("   "), "");
  EXPECT_EQ(part(""), "");
}

} // namespace
} // namespace irlens::lsp

// What split-file does (engine/run_lines/split_file.h). The real one judges
// over more texts in tests/run_lines/test_split_file.py.
#include "engine/run_lines/split_file.h"

#include <gtest/gtest.h>

namespace irlens::engine::run_lines {
namespace {

TEST(SplitFile, PartsAndTheirPlaces) {
  auto parts = splitFile("head\n//--- a.mlir\nx\n\n#--- sub/b\ny", false);
  ASSERT_TRUE(parts);
  ASSERT_EQ(parts->size(), 2U);
  EXPECT_EQ((*parts)[0].name, "a.mlir");
  EXPECT_EQ((*parts)[0].text, "x\n\n");
  EXPECT_EQ((*parts)[0].firstLine, 3);
  EXPECT_EQ((*parts)[1].name, "sub/b");
  EXPECT_EQ((*parts)[1].text, "y");
  EXPECT_EQ((*parts)[1].firstLine, 6);
}

TEST(SplitFile, LeadingLinesKeepNumbers) {
  auto parts = splitFile("head\n//--- a\nx\n;--- b\ny\n", true);
  ASSERT_TRUE(parts);
  EXPECT_EQ((*parts)[0].text, "\n\nx\n");
  EXPECT_EQ((*parts)[1].text, "\n\n\n\ny\n");
}

TEST(SplitFile, Mistakes) {
  const std::tuple<const char *, int, const char *> kCases[] = {
      {"nothing\n", 0, "no part separator was found"},
      {"--- a\n", 0, "no part separator was found"},
      {"\n//--- \n", 2, "empty part name"},
      {"//---  a\n", 1, "part name cannot have leading or trailing space"},
      {"//--- a\n;--- b\n//--- a\n", 3, "'//--- a' occurs more than once"},
      {"//--- ../a\n", 1, "part name leads out of the folder"},
  };
  for (const auto &[text, line, message] : kCases) {
    auto parts = splitFile(text, false);
    ASSERT_FALSE(parts) << text;
    EXPECT_EQ(parts.error().line, line) << text;
    EXPECT_EQ(parts.error().message, message);
  }
}

} // namespace
} // namespace irlens::engine::run_lines

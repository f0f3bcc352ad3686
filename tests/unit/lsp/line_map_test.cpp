// Lines of a text that was lowered, and those of the text as it is edited.
#include "lsp/documents/line_map.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace irlens::lsp {
namespace {

/// The map as text: for each line of the buffer the line that was lowered.
std::string toLowered(std::string_view lowered, std::string_view current,
                      int lines) {
  LineMap map = LineMap::between(lowered, current);
  std::string text;
  for (int line = 1; line <= lines; ++line)
    text += (text.empty() ? "" : " ") + std::to_string(map.toLowered(line));
  return text;
}

TEST(LineMap, SameTextIsTheIdentity) {
  LineMap map = LineMap::between("a\nb\n", "a\nb\n");
  EXPECT_TRUE(map.isIdentity());
  EXPECT_EQ(map.toCurrent(2), 2);
  EXPECT_EQ(map.toLowered(-1), 0);
}

TEST(LineMap, InsertedLines) {
  EXPECT_EQ(toLowered("a\nb\nc", "a\nnew\nb\nc", 4), "1 0 2 3");
  EXPECT_EQ(toLowered("a\nb\nc", "x\ny\na\nb\nc", 5), "0 0 1 2 3");
}

TEST(LineMap, DeletedLines) {
  EXPECT_EQ(toLowered("a\nb\nc\nd", "a\nd", 2), "1 4");
  EXPECT_EQ(LineMap::between("a\nb\nc", "a\nc").toCurrent(2), 0);
}

TEST(LineMap, EditedInPlace) {
  EXPECT_EQ(toLowered("a\nb\nc", "a\nB\nc", 3), "1 2 3");
  EXPECT_EQ(toLowered("a\nb\nc\nd\ne", "a\nB\nc\nD\ne", 5), "1 2 3 4 5");
}

TEST(LineMap, EditAndInsertTogether) {
  EXPECT_EQ(toLowered("a\nb\nc\nd", "new\na\nb\nC\nd", 5), "0 1 2 3 4");
}

TEST(LineMap, RepeatedLines) {
  EXPECT_EQ(toLowered("x\n\ny\n\nz", "x\n\nnew\n\ny\n\nz", 7), "1 2 0 0 3 4 5");
}

TEST(LineMap, OutsideTheTexts) {
  LineMap map = LineMap::between("a\nb", "a\nb\nc");
  EXPECT_EQ(map.toLowered(4), 0);
  EXPECT_EQ(map.toCurrent(0), 0);
  EXPECT_EQ(map.toCurrent(3), 0);
}

TEST(LineMap, RandomEditsKeepOrderAndEquality) {
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> one, other;
    for (int i = 0; i < 30; ++i)
      one.push_back("line" + std::to_string(random() % 25));
    other = one;
    for (int edit = 0; edit < 4; ++edit) {
      auto at =
          other.begin() + static_cast<std::ptrdiff_t>(random() % other.size());
      if (random() % 2 == 0)
        other.insert(at, "new" + std::to_string(random() % 9));
      else
        other.erase(at);
    }
    auto join = [](const std::vector<std::string> &lines) {
      std::string text;
      for (const std::string &line : lines)
        text += line + "\n";
      return text;
    };
    LineMap map = LineMap::between(join(one), join(other));
    int last = 0;
    for (int line = 1; line <= static_cast<int>(other.size()); ++line) {
      int lowered = map.toLowered(line);
      if (lowered == 0)
        continue;
      EXPECT_GT(lowered, last) << "lines must not cross";
      EXPECT_EQ(map.toCurrent(lowered), line);
      last = lowered;
    }
  }
}

} // namespace
} // namespace irlens::lsp

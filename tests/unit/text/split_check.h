// What the splitters' tests share: the document, the links and the count of a
// text in one comparison.
#pragma once

#include "engine/text/split.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace irlens::engine {

/// One string per linked line: "3: /outer.py:7:1>/inner.py:2:1
/// /second/chain:1:1".
inline std::vector<std::string> describeLinks(const SplitText &split) {
  std::vector<std::string> lines;
  auto count = int(std::ranges::count(split.text, '\n')) + 1;
  for (int line = 1; line <= count; ++line) {
    std::string text = std::to_string(line) + ":";
    auto chains = split.links.chains(line);
    for (const auto &chain : chains)
      for (const SourcePos &pos : chain)
        text += (&pos == chain.data() ? " " : ">") + pos.file + ":" +
                std::to_string(pos.line) + ":" + std::to_string(pos.column);
    if (!chains.empty())
      lines.push_back(std::move(text));
  }
  return lines;
}

inline void expectSplit(TextFormat format, std::string_view raw,
                        std::string_view document,
                        const std::vector<std::string> &links, int operations) {
  SplitText result = split(format, raw);
  EXPECT_EQ(result.text, document);
  EXPECT_EQ(describeLinks(result), links);
  EXPECT_EQ(result.operations, operations);
}

} // namespace irlens::engine

// Pipelines of tools (engine/table/pipeline_text.h): split as a shell does, and
// refused where only a shell could go on.
#include "engine/table/pipeline_text.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

namespace irlens::engine {
namespace {

/// "[tool][argument] | [tool]"
std::string split(std::string_view text) {
  Pipeline pipeline = splitPipeline(text);
  if (!pipeline.problems.empty()) {
    const TextProblem &problem = pipeline.problems.front();
    return fmt::format("{}-{} {}", problem.range.begin, problem.range.end,
                       problem.message);
  }
  std::string out;
  for (const PipelineCommand &command : pipeline.commands) {
    out += out.empty() ? "" : " | ";
    for (const PipelineWord &word : command.words)
      out += "[" + word.text + "]";
  }
  return out;
}

TEST(PipelineText, SplitsAsAShell) {
  EXPECT_EQ(split("mlir-opt --canonicalize | mlir-translate "
                  "--mlir-to-llvmir|opt -O2"),
            "[mlir-opt][--canonicalize] | [mlir-translate][--mlir-to-llvmir] | "
            "[opt][-O2]");
  EXPECT_EQ(split(R"(opt -passes='default<O2>,"x"' "a \"b\" $ \n" c\ d '')"),
            R"([opt][-passes=default<O2>,"x"][a "b" $ \n][c d][])");
  EXPECT_EQ(split("opt \\\n  -O2\n"), "[opt][-O2]");
  EXPECT_EQ(split("mlir-opt --pass-pipeline=builtin.module(cse) 'a|b'"),
            "[mlir-opt][--pass-pipeline=builtin.module(cse)][a|b]");
}

TEST(PipelineText, KnowsWhereWordsStand) {
  std::string_view text = "opt  '-passes=a'\t| llc";
  Pipeline pipeline = splitPipeline(text);
  ASSERT_EQ(pipeline.commands.size(), 2U);
  EXPECT_EQ(pipeline.commands[0].words[1].range, (ByteRange{5, 16}));
  EXPECT_EQ(pipeline.commands[0].range, (ByteRange{0, 16}));
  EXPECT_EQ(pipeline.commands[1].range, (ByteRange{19, 22}));
}

TEST(PipelineText, RefusesWhatNeedsAShell) {
  const std::string redirection =
      "files are not redirected here: a step gets the text of the one before. "
      "Where this belongs to an argument, put that in quotes";
  const std::string sequence =
      "this is not a shell: one pipeline, its steps divided by `|`. Where this "
      "belongs to an argument, put that in quotes";
  const std::string expansion = "this is not a shell: nothing is replaced. "
                                "Write the value, or put `$` in single quotes";
  EXPECT_EQ(split("opt -O2 > out.ll"), "8-9 " + redirection);
  EXPECT_EQ(split("opt -passes=default<O2>"), "19-20 " + redirection);
  EXPECT_EQ(split("opt && llc"), "4-6 " + sequence);
  EXPECT_EQ(split("opt; llc"), "3-4 " + sequence);
  EXPECT_EQ(split("opt || llc"), "4-6 " + sequence);
  EXPECT_EQ(split("opt $FLAGS"), "4-10 " + expansion);
  EXPECT_EQ(split("opt \"$(cat f)\""), "5-7 " + expansion);
  EXPECT_EQ(split("opt `cat f`"), "4-5 " + expansion);
}

TEST(PipelineText, RefusesWhatIsNotComplete) {
  EXPECT_EQ(split(""), "0-0 a pipeline needs a tool");
  EXPECT_EQ(split("| opt"), "0-1 a tool is missing before this `|`");
  EXPECT_EQ(split("opt | "), "4-5 a tool is missing behind this `|`");
  EXPECT_EQ(split("opt | | llc"), "6-7 a tool is missing before this `|`");
  EXPECT_EQ(split("opt 'abc"), "4-5 this quote is not closed");
  EXPECT_EQ(split("opt \"abc"), "4-5 this quote is not closed");
  EXPECT_EQ(split("opt \\"), "4-5 nothing follows this backslash");
}

TEST(PipelineText, QuotesSoThatItReadsTheSame) {
  for (std::string_view word :
       {"opt", "-passes=default<O2>", "it's", "", "a b", "$HOME", "x|y"}) {
    Pipeline again = splitPipeline(quoteWord(word));
    ASSERT_EQ(again.commands.size(), 1U) << word;
    EXPECT_EQ(again.commands[0].words[0].text, word);
  }
}

} // namespace
} // namespace irlens::engine

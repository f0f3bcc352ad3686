// What is understood of RUN lines (engine/run_lines/run_lines.h), and where
// each word stands. That it is what lit understands, tests/run_lines proves.
#include "engine/run_lines/run_lines.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace irlens::engine::run_lines {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const Surroundings kTest{"/ws/sub/f.mlir", "/tmp/Output/f.mlir.tmp", {}};

RunLines read(std::string_view text) { return readRunLines(text, kTest); }

/// The words of a command, its program first.
std::vector<std::string> words(const Command &command) {
  std::vector<std::string> result{command.program.text};
  for (const Word &word : command.arguments)
    result.push_back(word.text);
  return result;
}

const Command &command(const RunLines &lines, std::size_t at = 0) {
  return lines.runs.at(0).parts.at(0).pipeline.commands.at(at);
}

/// "line:column-endLine:endColumn text".
std::string shown(const Diagnostic &diagnostic) {
  auto place = [](const SourcePos &pos) {
    return std::to_string(pos.line) + ":" + std::to_string(pos.column);
  };
  return place(diagnostic.pos) + "-" + place(diagnostic.end) + " " +
         diagnostic.message;
}

std::vector<std::string> complaints(std::string_view text) {
  std::vector<std::string> result;
  for (const Diagnostic &diagnostic : read(text).diagnostics)
    result.push_back(shown(diagnostic));
  return result;
}

TEST(RunLines, WordsKnowWhereTheyStand) {
  RunLines lines = read("// RUN: mlir-opt %s --cse | FileCheck '%s'\n");
  EXPECT_THAT(lines.diagnostics, IsEmpty());
  EXPECT_THAT(words(command(lines)),
              ElementsAre("mlir-opt", "/ws/sub/f.mlir", "--cse"));
  EXPECT_EQ(command(lines).program.range, (TextRange{1, 9, 1, 17}));
  EXPECT_EQ(command(lines).arguments[0].range, (TextRange{1, 18, 1, 20}));
  EXPECT_EQ(command(lines, 1).arguments[0].range, (TextRange{1, 39, 1, 43}));
  EXPECT_EQ(lines.runs[0].range, (TextRange{1, 9, 1, 43}));
  EXPECT_EQ(command(lines, 1).range, (TextRange{1, 29, 1, 43}));
}

TEST(RunLines, AnyCommentAndAnyPlaceInALine) {
  RunLines lines = read("; RUN: a\r\n# RUN: b\n  x RUN:c\n\"RUN: d\" END.\n");
  ASSERT_EQ(lines.runs.size(), 4U);
  EXPECT_EQ(lines.runs[0].text, "a");
  EXPECT_EQ(lines.runs[2].text, "c");
  EXPECT_EQ(lines.runs[3].text, "d\" END.");
  EXPECT_EQ(read("// RUN: a\n// END.\n// RUN: b").runs.size(), 1U);
  EXPECT_EQ(read("// RUN: a\n// END. of all\n// RUN: b").runs.size(), 2U);
}

TEST(RunLines, ContinuationsKeepThePlacesOfTheirWords) {
  RunLines lines =
      read("// RUN: opt \\\n// DONE\n// RUN:   -O2 -ab\\\n// RUN:cd\n");
  EXPECT_THAT(words(command(lines)), ElementsAre("opt", "-O2", "-abcd"));
  EXPECT_EQ(command(lines).arguments[0].range, (TextRange{3, 11, 3, 14}));
  EXPECT_EQ(command(lines).arguments[1].range, (TextRange{3, 15, 4, 10}));
  EXPECT_THAT(complaints("// RUN: opt \\\n// DEFINE: %{x} = 1\n// RUN: a\n"),
              ElementsAre(HasSubstr("1:4-1:8 this line ends in \\")));
}

TEST(RunLines, Substitutions) {
  RunLines lines = read("// RUN: x %S %p %t %T %/s %basename_t %{s:stem} %%s "
                        "%:s %{s:basename} %(line) %(line-1) %(line + 10)");
  EXPECT_THAT(words(command(lines)),
              ElementsAre("x", "/ws/sub", "/ws/sub", "/tmp/Output/f.mlir.tmp",
                          "/tmp/Output", "/ws/sub/f.mlir", "f.mlir", "f", "%s",
                          "ws/sub/f.mlir", "f.mlir", "1", "0", "11"));
}

TEST(RunLines, DefinitionsAreMadeOnceLatestFirst) {
  RunLines lines = read("// DEFINE: %{b} = B%{a}\n"
                        "// DEFINE: %{a} = A \\\n"
                        "// DEFINE:    more\n"
                        "// DEFINE: %{c} = C%{b}\n"
                        "// RUN: x %{a} %{c}\n"
                        "// REDEFINE: %{a} =\n"
                        "// RUN: x [%{a}]\n");
  // %{b} holds %{a}, which was looked for before: lit leaves it, and so says
  // irlens, on the word that the user wrote.
  ASSERT_EQ(lines.runs.size(), 2U);
  EXPECT_EQ(lines.runs[0].text, "x A more CB%{a}");
  EXPECT_FALSE(lines.runs[0].understood);
  ASSERT_EQ(lines.diagnostics.size(), 1U);
  EXPECT_THAT(shown(lines.diagnostics[0]), HasSubstr("5:16-5:20 no subst"));
  EXPECT_EQ(lines.runs[1].text, "x []");
}

TEST(RunLines, WrongDefinitions) {
  EXPECT_THAT(complaints("// DEFINE: %{s:stem} = x\n"),
              ElementsAre(HasSubstr("1:12-1:21 %{s:stem} is already defined")));
  EXPECT_THAT(complaints("// REDEFINE: %{x} = x\n"),
              ElementsAre(HasSubstr("1:14-1:18 %{x} is not defined yet")));
  EXPECT_THAT(complaints("// DEFINE: %x = x\n// DEFINE: %{1} = y\n"),
              ElementsAre(HasSubstr("1:12-1:14 the name must be"),
                          HasSubstr("2:12-2:16 the name must be")));
  EXPECT_THAT(complaints("// DEFINE: %{x}\n"),
              ElementsAre(HasSubstr("1:12-1:16 a definition is")));
}

TEST(RunLines, DefinitionsThatDoubleEachOtherEnd) {
  std::string text = "// DEFINE: %{a} = xxxxxxxx\n";
  for (char name = 'b'; name <= 'z'; ++name)
    text += fmt::format("// DEFINE: %{{{0}}} = %{{{1}}}%{{{1}}}\n", name,
                        char(name - 1));
  RunLines lines = read(text + "// RUN: x %{z}\n// RUN: x %{b}\n");
  ASSERT_EQ(lines.runs.size(), 2U);
  EXPECT_FALSE(lines.runs[0].understood);
  EXPECT_EQ(lines.runs[1].text, "x xxxxxxxxxxxxxxxx");
  ASSERT_EQ(lines.diagnostics.size(), 1U);
  EXPECT_THAT(shown(lines.diagnostics[0]), HasSubstr("too long"));
}

TEST(RunLines, SubstitutionsOfTheSettings) {
  Surroundings surroundings = kTest;
  surroundings.substitutions = {{"%my_tool", "opt -x"}};
  RunLines lines = readRunLines("// RUN: %my_tool a", surroundings);
  EXPECT_THAT(words(command(lines)), ElementsAre("opt", "-x", "a"));
  EXPECT_THAT(complaints("// RUN: opt %my_tool %0 %x"),
              ElementsAre("1:13-1:21 no substitution is named %my_tool"));
  EXPECT_TRUE(read("// RUN: opt %my_tool").runs[0].understood);
}

TEST(RunLines, QuotesAndBackslashes) {
  RunLines lines =
      read(R"(// RUN: x 'a "b' "c 'd" e\ f "g\"\n\$" '\h' i"j"'k' '')");
  EXPECT_THAT(words(command(lines)), ElementsAre("x", "a \"b", "c 'd", "e f",
                                                 "g\"\\n$", "\\h", "ijk", ""));
  EXPECT_THAT(complaints("// RUN: x 'abc"),
              ElementsAre("1:11-1:12 this quote has no end"));
}

TEST(RunLines, Redirections) {
  RunLines lines = read("// RUN: x <in >out 2>err | y 2>&1 | z > f 2>&1");
  const Command &x = command(lines, 0);
  EXPECT_EQ(x.input->text, "in");
  EXPECT_EQ(x.output.to, Stream::To::File);
  EXPECT_EQ(x.output.file.text, "out");
  EXPECT_EQ(x.errors.file.text, "err");
  EXPECT_NE(x.errors.redirection, x.output.redirection);
  EXPECT_EQ(command(lines, 1).errors.to, Stream::To::Pipe);
  const Command &z = command(lines, 2);
  EXPECT_EQ(z.errors.to, Stream::To::File);
  EXPECT_EQ(z.errors.redirection, z.output.redirection);
  EXPECT_THAT(z.arguments, IsEmpty());
}

TEST(RunLines, RedirectionsTakeEffectInTheirOrder) {
  RunLines lines = read("// RUN: x 2>&1 >/dev/null | y >> a 2>> b");
  EXPECT_EQ(command(lines, 0).errors.to, Stream::To::Pipe);
  EXPECT_EQ(command(lines, 0).output.to, Stream::To::File);
  EXPECT_TRUE(command(lines, 1).output.append);
  EXPECT_TRUE(command(lines, 1).errors.append);
  EXPECT_THAT(words(command(read("// RUN: x a2>b"))), ElementsAre("x", "a2"));
}

TEST(RunLines, SequencesOfPipelines) {
  RunLines lines = read("// RUN: a | b && c; d || e");
  ASSERT_EQ(lines.runs[0].parts.size(), 4U);
  EXPECT_EQ(lines.runs[0].parts[0].pipeline.commands.size(), 2U);
  EXPECT_EQ(lines.runs[0].parts[1].join, Join::IfSucceeded);
  EXPECT_EQ(lines.runs[0].parts[2].join, Join::Always);
  EXPECT_EQ(lines.runs[0].parts[3].join, Join::IfFailed);
}

TEST(RunLines, NotAndEnv) {
  RunLines lines = read("// RUN: env A=b -u C not --crash x y | not env D= z | "
                        "! v | not not w");
  const Command &x = command(lines, 0);
  EXPECT_EQ(x.expects, Expects::Crash);
  EXPECT_THAT(words(x), ElementsAre("x", "y"));
  ASSERT_EQ(x.environment.size(), 2U);
  EXPECT_EQ(x.environment[0].name, "A");
  EXPECT_EQ(x.environment[0].value, "b");
  EXPECT_EQ(x.environment[1].value, std::nullopt);
  EXPECT_EQ(command(lines, 1).expects, Expects::Failure);
  EXPECT_EQ(command(lines, 1).environment[0].value, "");
  EXPECT_EQ(command(lines, 2).expects, Expects::FailureOrCrash);
  EXPECT_EQ(command(lines, 3).expects, Expects::Success);
}

TEST(RunLines, BashPipeOfBothIsTakenWithAWarning) {
  RunLines lines = read("// RUN: x |& y");
  EXPECT_EQ(command(lines).errors.to, Stream::To::Pipe);
  ASSERT_EQ(lines.diagnostics.size(), 1U);
  EXPECT_EQ(lines.diagnostics[0].severity, Severity::Warning);
  EXPECT_TRUE(lines.runs[0].understood);
}

TEST(RunLines, WhatIsNotUnderstoodIsNotRun) {
  const std::pair<const char *, const char *> kCases[] = {
      {"// RUN: x &", "1:11-1:12 not understood: a command in the background"},
      {"// RUN: x $(pwd)", "1:11-1:12 not understood: a command inside"},
      {"// RUN: x \"`pwd`\"", "1:12-1:13 not understood: a command inside"},
      {"// RUN: x << EOF", "1:11-1:13 not understood: the redirection <<"},
      {"// RUN: x 1>&2", "1:11-1:14 not understood: the redirection 1>&"},
      {"// RUN: x >", "1:11-1:12 a file name is missing behind >"},
      {"// RUN: x > | y", "1:11-1:12 a file name is missing behind >"},
      {"// RUN: x |", "1:12-1:12 a command is missing here"},
      {"// RUN: | x", "1:9-1:10 a command is missing here"},
      {"// RUN: x &&", "1:11-1:13 a command is missing behind &&"},
      {"// RUN: not", "1:9-1:12 a command is missing behind not"},
      {"// RUN: env -i x", "1:13-1:15 not understood: env with -i"},
      {"// RUN: x %if a %{ b %}", "1:11-1:14 not understood: %if"},
      {"// RUN: x %{nobody}", "1:11-1:20 no substitution is named %{nobody}"},
  };
  for (const auto &[text, complaint] : kCases) {
    RunLines lines = read(text);
    ASSERT_FALSE(lines.diagnostics.empty()) << text;
    EXPECT_THAT(shown(lines.diagnostics[0]), HasSubstr(complaint)) << text;
    EXPECT_FALSE(lines.runs.at(0).understood) << text;
  }
}

TEST(RunLines, Conditions) {
  RunLines lines = read("// REQUIRES: x86 && \\\n// REQUIRES: asserts\n"
                        "// XFAIL: *\n// UNSUPPORTED: windows\n");
  ASSERT_EQ(lines.conditions.size(), 3U);
  EXPECT_EQ(lines.conditions[0].expression.text, "x86 && asserts");
  EXPECT_EQ(lines.conditions[0].expression.range, (TextRange{1, 14, 2, 21}));
  EXPECT_EQ(lines.conditions[1].kind, Condition::Kind::ExpectedToFail);
  EXPECT_EQ(lines.conditions[2].kind, Condition::Kind::Unsupported);
}

TEST(RunLines, FilesWithoutThem) {
  EXPECT_FALSE(mayHaveRunLines("func.func @f() { return }"));
  EXPECT_THAT(read("func.func @f() { return }").runs, IsEmpty());
  EXPECT_THAT(read("").runs, IsEmpty());
  RunLines lines = read("// RUN:\n");
  ASSERT_EQ(lines.runs.size(), 1U);
  EXPECT_THAT(lines.runs[0].parts, IsEmpty());
  EXPECT_THAT(lines.diagnostics, IsEmpty());
}

} // namespace
} // namespace irlens::engine::run_lines

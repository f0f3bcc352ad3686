// What tools say on standard error (ir_lowering/mlir/tool_words.h).
#include "ir_lowering/mlir/tool_words.h"

#include "ir_lowering/worker/process.h"

#include <cerrno>
#include <csignal>
#include <gtest/gtest.h>

namespace irlens::mlir_worker {
namespace {

ReportDiagnostic only(std::string_view words) {
  auto found = diagnosticsIn(words, "/ws/in.mlir");
  EXPECT_EQ(found.size(), 1U) << words;
  return found.empty() ? ReportDiagnostic() : found.front();
}

TEST(ToolWords, FindsAPlaceInEachForm) {
  struct Case {
    std::string_view words;
    std::string severity;
    engine::SourcePos place;
    std::string message;
  };
  const std::vector<Case> cases = {
      {"<stdin>:3:5: error: expected ')'\n  f(\n    ^\n",
       "error",
       {"/ws/in.mlir", 3, 5},
       "expected ')'"},
      {"/ws/a b.mlir:7:1: warning: odd: really\n",
       "warning",
       {"/ws/a b.mlir", 7, 1},
       "odd: really"},
      {"opt: <stdin>:2:19: error: floating point constant invalid for type\n",
       "error",
       {"/ws/in.mlir", 2, 19},
       "floating point constant invalid for type"},
      {"llc: error: llc: <stdin>:2:19: error: bad\n",
       "error",
       {"/ws/in.mlir", 2, 19},
       "bad"},
      {"error: /src/f.c:4:2: too many registers\n",
       "error",
       {"/src/f.c", 4, 2},
       "too many registers"},
      {"remark: f.c:9:3: loop vectorized\n",
       "info",
       {"f.c", 9, 3},
       "loop vectorized"},
      {"-:1:2: error: from a pipe\r\n",
       "error",
       {"/ws/in.mlir", 1, 2},
       "from a pipe"},
      {"C:3:7: fatal error: stop", "error", {"C", 3, 7}, "stop"},
      {"f.c:12: error: a line alone\n",
       "error",
       {"f.c", 12, 0},
       "a line alone"},
  };
  for (const Case &one : cases) {
    ReportDiagnostic found = only(one.words);
    EXPECT_EQ(found.severity, one.severity) << one.words;
    EXPECT_EQ(found.message, one.message) << one.words;
    if (one.place.line == 0)
      continue;
    ASSERT_EQ(found.frames.size(), 1U) << one.words;
    EXPECT_EQ(found.frames[0].file, one.place.file);
    EXPECT_EQ(found.frames[0].line, one.place.line);
    EXPECT_EQ(found.frames[0].column, one.place.column);
  }
}

TEST(ToolWords, CallsAndNotesBelongToTheirError) {
  ReportDiagnostic found =
      only("/ws/linear.py:134:0: error: failed to legalize operation\n"
           "/ws/net.py:9:0: note: called from\n"
           "/ws/net.py:16:0: note: called from\n"
           "/ws/linear.py:134:0: note: see current operation: %0 = foo\n");
  ASSERT_EQ(found.frames.size(), 3U);
  EXPECT_EQ(found.frames[2].line, 16);
  ASSERT_EQ(found.notes.size(), 1U);
  EXPECT_EQ(found.notes[0].message, "see current operation: %0 = foo");
}

TEST(ToolWords, KnowsNoPlaceOfWhatHasNone) {
  EXPECT_TRUE(only("<unknown>:0: error: no place\n").frames.empty());
  EXPECT_TRUE(only("error: nothing to do\n").frames.empty());
  EXPECT_TRUE(
      diagnosticsIn("it took 3:4 minutes\nno error: fine\n12:30:1 tea", "x")
          .empty());
}

TEST(ToolWords, KeepsTheLastLines) {
  EXPECT_EQ(lastLines("a\n\n b\r\nc\n  \n", 2), " b\nc");
  EXPECT_EQ(lastLines("a\nb\nb\nb\n", 2), "a\nb");
  EXPECT_EQ(lastLines("", 2), "");
}

TEST(ToolWords, SaysHowARunEnded) {
  using End = ToolRun::End;
  ToolLimits limits{2500, 64};
  struct Case {
    ToolRun run;
    Status status;
    std::string message;
  };
  const std::vector<Case> cases = {
      {{End::NotStarted, ENOENT},
       Status::Unavailable,
       "'t' is not installed: no such program"},
      {{End::NotStarted, EACCES},
       Status::Failed,
       "'t' may not be run: it is no executable file"},
      {{End::NotStarted, ENOEXEC},
       Status::Failed,
       "'t' is no program of this system (a script needs a first line like "
       "#!/bin/sh)"},
      {{End::TimedOut, 0, "begun\n"},
       Status::Timeout,
       "'t' was stopped after the time limit of 2.5 s: begun"},
      {{End::Signalled, SIGSEGV},
       Status::Crashed,
       "'t' crashed (segmentation fault), and said nothing"},
      {{End::Signalled, SIGABRT, "what(): std::bad_alloc\n"},
       Status::Memory,
       "'t' needs more memory than the limit of 64 MB: what(): std::bad_alloc"},
      {{End::Exited, 3, "a\nb\n"},
       Status::Failed,
       "'t' ended with exit code 3: a\nb"},
  };
  for (const Case &one : cases) {
    ToolFailure failure = describeFailure("t", one.run, limits);
    EXPECT_EQ(failure.message, one.message);
    EXPECT_EQ(failure.status, one.status) << one.message;
  }
}

TEST(ToolWords, SizesAreForPeople) {
  EXPECT_EQ(describeSize(12), "12 bytes");
  EXPECT_EQ(describeSize(8 << 20), "8 MiB");
  EXPECT_EQ(describeSize(1536ULL << 20), "1.5 GiB");
}

TEST(ToolWords, KnowsWhatTheCompleteToolMayHave) {
  EXPECT_TRUE(wantsOtherTool("llc: Unknown command line argument '--x'"));
  EXPECT_FALSE(wantsOtherTool("<stdin>:1:1: error: custom op 'foo'"));
}

} // namespace
} // namespace irlens::mlir_worker

// Programs that a stage process runs (ir_lowering/mlir/tool_run.h).
#include "ir_lowering/mlir/tool_run.h"

#include "ir_lowering/worker/process.h"

#include "tests/support/temp_folder.h"

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <sstream>
#include <thread>
#include <unistd.h>

namespace irlens::mlir_worker {
namespace {

ToolRun shell(const std::string &script, int timeoutMs = 10000) {
  return runTool({"/bin/sh", "-c", script, "sh", std::string(kToolInput),
                  std::string(kToolOutput)},
                 "the text\n", timeoutMs);
}

TEST(ToolRun, GivesTheInputAndCollectsBothStreams) {
  ToolRun run = shell("cat $1; echo words >&2; echo thrown away > $2");
  EXPECT_TRUE(run.succeeded());
  EXPECT_EQ(run.output, "the text\nwords\n");
}

TEST(ToolRun, TellsHowItEnded) {
  EXPECT_EQ(shell("exit 3").code, 3);
  ToolRun killed = shell("kill -SEGV $$");
  EXPECT_EQ(killed.end, ToolRun::End::Signalled);
  EXPECT_EQ(killed.code, SIGSEGV);
  EXPECT_EQ(runTool({"/nowhere/ptxas"}, "", 1000).end,
            ToolRun::End::NotStarted);
}

TEST(ToolRun, EndsWhatTakesTooLong) {
  double start = nowMs();
  ToolRun run = shell("echo begun; exec sleep 60", 300);
  EXPECT_EQ(run.end, ToolRun::End::TimedOut);
  EXPECT_EQ(run.output, "begun\n");
  EXPECT_LT(nowMs() - start, 20000);
}

/// A run over files, with a result.
class ToolFiles : public testing::Test {
protected:
  ToolRun shell(const std::string &script, std::uint64_t limit = 0,
                int timeoutMs = 20000) {
    std::ofstream(folder_.path() / "in") << "the text\n";
    return runTool(
        {.command = {"sh", "-c", script, "sh", "{input}", "--to={output}"},
         .input = (folder_.path() / "in").string(),
         .output = (folder_.path() / "out").string(),
         .outputLimit = limit,
         .untilMs = nowMs() + timeoutMs});
  }
  std::string result() const {
    std::ifstream file(folder_.path() / "out", std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  test::TempFolder folder_;
};

/// The same, by standard input and output.
class ToolPipes : public ToolFiles {
protected:
  ToolRun shell(const std::string &script, std::uint64_t limit = 0,
                int timeoutMs = 20000) {
    std::ofstream(folder_.path() / "in") << "the text\n";
    return runTool({.command = {"sh", "-c", script},
                    .input = (folder_.path() / "in").string(),
                    .output = (folder_.path() / "out").string(),
                    .outputLimit = limit,
                    .untilMs = nowMs() + timeoutMs});
  }
};

TEST_F(ToolFiles, NamesStandInsideWords) {
  ToolRun run = shell("cat $1 > ${2#--to=}; echo aside");
  EXPECT_TRUE(run.succeeded());
  EXPECT_EQ(result(), "the text\n");
  EXPECT_EQ(run.output, "aside\n");
  EXPECT_EQ(run.made, 9U);
}

TEST_F(ToolFiles, AFileIsCut) {
  ToolRun run = shell("head -c 100000 /dev/zero > ${2#--to=}", 1000);
  EXPECT_EQ(run.made, 100000U);
  EXPECT_EQ(result().size(), 1000U);
}

TEST_F(ToolPipes, TextComesAndGoesByPipes) {
  ToolRun run = shell("sed s/the/a/; echo words >&2");
  EXPECT_TRUE(run.succeeded());
  EXPECT_EQ(result(), "a text\n");
  EXPECT_EQ(run.output, "words\n");
}

TEST_F(ToolPipes, MuchOutputIsCutAndRunsOn) {
  ToolRun run = shell("head -c 300000000 /dev/zero; echo done >&2", 1 << 20);
  EXPECT_TRUE(run.succeeded());
  EXPECT_EQ(run.made, 300000000U);
  EXPECT_EQ(run.kept, 1U << 20);
  EXPECT_EQ(result().size(), 1U << 20);
  EXPECT_EQ(run.output, "done\n");
}

TEST_F(ToolPipes, ManyWordsKeepTheirEnd) {
  ToolRun run =
      shell("i=0; while [ $i -lt 60000 ]; do echo 'the same complaint'; "
            "i=$((i+1)); done >&2; echo the end >&2; exit 1");
  EXPECT_EQ(run.code, 1);
  EXPECT_TRUE(run.output.starts_with("the same complaint\n"));
  EXPECT_TRUE(run.output.ends_with("the same complaint\nthe end\n"));
  EXPECT_NE(run.output.find("bytes left out]"), std::string::npos);
  EXPECT_LT(run.output.size(), 1200000U);
}

TEST_F(ToolPipes, SaysWhyItCouldNotStart) {
  std::ofstream(folder_.path() / "data") << "no program";
  auto start = [&](const std::string &program) {
    return runTool({.command = {program},
                    .input = "/dev/null",
                    .output = (folder_.path() / "out").string(),
                    .untilMs = nowMs() + 20000});
  };
  std::string data = (folder_.path() / "data").string();
  EXPECT_EQ(start("no-such-program-anywhere").code, ENOENT);
  EXPECT_EQ(start(data).code, EACCES);
  std::filesystem::permissions(data, std::filesystem::perms::owner_all);
  EXPECT_EQ(start(data).code, ENOEXEC);
  EXPECT_EQ(start(folder_.path().string()).code, EACCES);
}

bool isGone(pid_t pid) {
  std::ifstream stat(fmt::format("/proc/{}/stat", pid));
  std::string word;
  char state = 'X';
  stat >> word >> word >> state;
  return state == 'X' || state == 'Z';
}

TEST_F(ToolPipes, WhatItLeavesBehindEndsWithIt) {
  // One child in the group, one that has left it for a session of its own.
  ToolRun run =
      shell("sleep 600 & echo $!; setsid sleep 600 & echo $!; exit 0");
  EXPECT_TRUE(run.succeeded());
  std::istringstream pids(result());
  pid_t first = 0;
  pid_t second = 0;
  pids >> first >> second;
  ASSERT_GT(first, 0);
  ASSERT_GT(second, 0);
  for (pid_t pid : {first, second})
    for (double until = nowMs() + 20000; !isGone(pid) && nowMs() < until;)
      std::this_thread::yield();
  EXPECT_TRUE(isGone(first));
  EXPECT_TRUE(isGone(second));
}

TEST_F(ToolPipes, AFunctionIsATool) {
  std::ofstream(folder_.path() / "in") << "the text\n";
  ToolRun run = runTool({.function =
                             [] {
                               std::string text(9, '\0');
                               if (read(0, text.data(), 9) != 9 ||
                                   write(1, text.data(), 9) != 9 ||
                                   write(2, "words", 5) != 5)
                                 return 1;
                               return 42;
                             },
                         .input = (folder_.path() / "in").string(),
                         .output = (folder_.path() / "out").string(),
                         .untilMs = nowMs() + 20000});
  EXPECT_EQ(run.end, ToolRun::End::Exited);
  EXPECT_EQ(run.code, 42);
  EXPECT_EQ(result(), "the text\n");
  EXPECT_EQ(run.output, "words");
}

} // namespace
} // namespace irlens::mlir_worker

// Programs that a stage process runs (ir_lowering/mlir/tool_run.h).
#include "ir_lowering/mlir/tool_run.h"

#include "ir_lowering/worker/process.h"

#include <csignal>
#include <gtest/gtest.h>

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

} // namespace
} // namespace irlens::mlir_worker

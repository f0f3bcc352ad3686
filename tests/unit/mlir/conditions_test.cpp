// What stands beside a step of a test (ir_lowering/mlir/conditions.h), and the
// folder that its steps call {temporary}.
#include "ir_lowering/mlir/conditions.h"

#include "ir_lowering/mlir/request.h"

#include <gtest/gtest.h>

namespace irlens::mlir_worker {
namespace {

using engine::run_lines::Expects;
using nlohmann::json;

const ToolRun kGood{.end = ToolRun::End::Exited, .code = 0};
const ToolRun kBad{.end = ToolRun::End::Exited, .code = 1};
const ToolRun kCrash{.end = ToolRun::End::Signalled, .code = 11};
const ToolRun kSlow{.end = ToolRun::End::TimedOut};

TEST(Conditions, AreWhatStandsBesideTheStep) {
  Conditions read = conditionsOf(json::parse(
      R"({"tool": "opt", "expects": "crash", "errors": "/t/e", "output": "/t/o",
          "name": "/ws/a.ll", "env": {"A": "b", "C": null, "D": 3}})"));
  EXPECT_EQ(read.expects, Expects::Crash);
  EXPECT_EQ(read.errorsFile, "/t/e");
  EXPECT_FALSE(read.joinsErrors);
  EXPECT_EQ(read.output, "/t/o");
  EXPECT_EQ(read.name, "/ws/a.ll");
  ASSERT_EQ(read.environment.size(), 3U);
  EXPECT_EQ(read.environment[0].value, "b");
  EXPECT_FALSE(read.environment[1].value);
  Conditions joined =
      conditionsOf(json::parse(R"({"tool": "opt", "errors": "joined"})"));
  EXPECT_TRUE(joined.joinsErrors);
  EXPECT_EQ(joined.errorsFile, "");
  EXPECT_EQ(joined.expects, Expects::Success);
}

TEST(Conditions, NotWantsAnErrorAndNoCrash) {
  struct Row {
    Expects expects;
    bool good, bad, crash;
  };
  for (const Row &row : {Row{Expects::Success, true, false, false},
                         Row{Expects::Failure, false, true, false},
                         Row{Expects::FailureOrCrash, false, true, true},
                         Row{Expects::Crash, false, false, true}}) {
    EXPECT_EQ(isAsExpected(row.expects, kGood), row.good);
    EXPECT_EQ(isAsExpected(row.expects, kBad), row.bad);
    EXPECT_EQ(isAsExpected(row.expects, kCrash), row.crash);
    EXPECT_FALSE(isAsExpected(row.expects, kSlow));
  }
  EXPECT_EQ(describeSurprise(Expects::Failure, "opt", kGood),
            "`not` wants opt to fail, and it succeeded");
  EXPECT_EQ(describeSurprise(Expects::Crash, "opt", kBad),
            "`not --crash` wants opt to crash, and it only failed");
  EXPECT_EQ(describeSurprise(Expects::Failure, "opt", kCrash), "");
  EXPECT_EQ(describeSurprise(Expects::Crash, "opt", kSlow), "");
}

TEST(Conditions, WhatIsNotAsItShouldBeIsEmpty) {
  json step = json::parse(R"({"name": 3, "args": ["a", 1, "b"], "env": []})");
  EXPECT_EQ(wordOf(step, "name"), "");
  EXPECT_EQ(wordsOf(step, "args"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(wordsOf(json("x"), "args"), std::vector<std::string>());
  EXPECT_TRUE(conditionsOf(step).environment.empty());
}

TEST(Conditions, AStepOfATestHasOneNameAndMoreKeys) {
  auto named = [](const char *text) { return stepName(json::parse(text)); };
  EXPECT_EQ(named(R"({"args": [], "expects": "crash", "tool": "opt"})"),
            "tool");
  EXPECT_EQ(named(R"({"env": {}, "filecheck": {}, "path": "/x"})"),
            "filecheck");
  EXPECT_EQ(named(R"({"count": "3", "expects": "failure"})"), "count");
  EXPECT_EQ(named(R"({"count": "3", "diff": {}})"), "");
  EXPECT_EQ(named(R"({"path": "/x", "llvm": "y"})"), "");
  EXPECT_EQ(named(R"({"name": "/x"})"), "");
  EXPECT_TRUE(isTextStep(json::parse(R"({"read": "/x"})")));
  EXPECT_FALSE(isTextStep(json::parse(R"({"llvm": "x"})")));
}

TEST(Conditions, TheFolderOfTestsIsThatOfTheEntry) {
  auto request = parseRequest(
      R"({"op":"run","job":1,"kind":"lower","entry":"e","out":"/out",
          "input":{"stage":"a","path":"/a.raw"},
          "stages":[{"id":"b","from":"a","test":true,
                     "steps":[{"write":"{temporary}/x"},
                              {"tool":"opt","args":["-o={temporary}/y"]}]}]})");
  ASSERT_TRUE(request.has_value());
  const Row &row = std::get<Job>(*request).stages[0];
  EXPECT_TRUE(row.isTest);
  EXPECT_EQ(row.steps[0]["write"], "/out/e/temporary/x");
  EXPECT_EQ(row.steps[1]["args"][0], "-o=/out/e/temporary/y");
}

} // namespace
} // namespace irlens::mlir_worker

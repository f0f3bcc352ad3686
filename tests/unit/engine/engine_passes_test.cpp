// When the passes of a stage are recorded, and which ones are shown.
#include "tests/unit/engine/engine_fixture.h"

#include <gmock/gmock.h>

namespace irlens::engine {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(EngineTest, PassesAreRecordedOnlyWhenAskedFor) {
  auto path = source("entry Net\nsource kernel\n");
  const FileState &file = lower(path, {"ttgir"});
  EXPECT_EQ(stageOf(file, "ttgir").passes, nullptr);
  EXPECT_FALSE(stageOf(file, "ttgir").passesWanted);
  lowerPasses(path, {"ttgir"});
  const StageState &state = stageOf(file, "ttgir");
  ASSERT_NE(state.passes, nullptr);
  EXPECT_EQ(state.passes->size(), 2U);
  EXPECT_EQ(state.passes->front().artifact->generation, file.generation);
  EXPECT_EQ(stageOf(file, "ttir").passes, nullptr);
  EXPECT_THAT(installation_.requests(),
              ElementsAre("capture ttir,ttgir", "lower Net ttgir passes=ttgir"))
      << "the script is not run again";
  lowerPasses(path, {"ttgir"});
  EXPECT_EQ(installation_.requests().size(), 2U);
}

TEST_F(EngineTest, PassesOfTheFirstStageComeFromTheScript) {
  auto path = source("entry Net\nsource kernel\n");
  lower(path, {"ttgir"});
  const FileState &file = lowerPasses(path, {"ttir"});
  EXPECT_NE(stageOf(file, "ttir").passes, nullptr);
  EXPECT_EQ(status(file, "ttgir"), StageStatus::Ok);
  EXPECT_EQ(installation_.requests().back(), "capture ttir passes=ttir");
}

TEST_F(EngineTest, PassesAreTakenFromTheStore) {
  auto path = source("entry Net\nsource kernel\n");
  lowerPasses(path, {"ttgir"});
  EXPECT_THAT(installation_.requests(),
              ElementsAre("capture ttir,ttgir passes=ttgir"));
  restart();
  const FileState &file = lower(path, {"ttgir"});
  EXPECT_EQ(stageOf(file, "ttgir").passes, nullptr) << "nobody wants them";
  lowerPasses(path, {"ttgir"});
  EXPECT_NE(stageOf(file, "ttgir").passes, nullptr);
  EXPECT_EQ(installation_.requests().size(), 1U) << "no job";
}

TEST_F(EngineTest, AStoredStageIsMadeAgainForItsPasses) {
  auto path = source("entry Net\nsource kernel\n");
  lower(path, {"ttgir"});
  restart();
  const FileState &file = lowerPasses(path, {"ttgir"});
  EXPECT_NE(stageOf(file, "ttgir").passes, nullptr);
  EXPECT_EQ(installation_.requests().back(), "lower Net ttgir passes=ttgir");
}

TEST_F(EngineTest, AFailedStageKeepsThePassesBeforeTheFailure) {
  auto path = source("entry Net\nsource kernel\nfail ttgir\n");
  lower(path, {"ttgir"});
  const FileState &file = lowerPasses(path, {"triton-llvm-ir", "ttgir"});
  EXPECT_EQ(status(file, "ttgir"), StageStatus::Failed);
  EXPECT_NE(stageOf(file, "ttgir").passes, nullptr);
  EXPECT_EQ(stageOf(file, "triton-llvm-ir").passes, nullptr);
}

TEST_F(EngineTest, AWorkerThatKeepsNoPassesIsAskedOnce) {
  auto path = source("entry Net\nsource kernel\nforget ttgir\n");
  lower(path, {"ttgir"});
  const FileState &file = lowerPasses(path, {"ttgir"});
  EXPECT_EQ(status(file, "ttgir"), StageStatus::Ok);
  EXPECT_EQ(stageOf(file, "ttgir").passes, nullptr);
  EXPECT_TRUE(stageOf(file, "ttgir").passesWanted);
  lowerPasses(path, {"ttgir"});
  EXPECT_EQ(installation_.requests().size(), 2U);
}

TEST_F(EngineTest, PassesWantedDuringTheRunAreRecordedAfterwards) {
  auto path = source("entry Net\nsource kernel\n");
  whenStage_ = [&](const std::string &stage) {
    if (stage == "ttir")
      engine_->lower(passesRequest(path, {"ttgir"}));
  };
  const FileState &file = lower(path, {"ttgir"});
  EXPECT_NE(stageOf(file, "ttgir").passes, nullptr);
  EXPECT_TRUE(stageOf(file, "ttgir").passesWanted);
  EXPECT_THAT(
      installation_.requests(),
      ElementsAre("capture ttir,ttgir", "lower Net ttgir passes=ttgir"));
  EXPECT_EQ(status(file, "ttgir"), StageStatus::Ok);
}

TEST_F(EngineTest, PassesOfAnEarlierRunStayUntilThereAreNewOnes) {
  auto path = source("entry Net\nsource kernel\n");
  lowerPasses(path, {"ttgir"});
  source("entry Net\nsource kernel\ncrash ttgir\n");
  const FileState &file = lowerPasses(path, {"ttgir"});
  EXPECT_EQ(status(file, "ttgir"), StageStatus::Failed);
  source("entry Net\nsource kernel\n\n");
  lower(path, {"ttgir"});
  EXPECT_EQ(stageOf(file, "ttgir").passes, nullptr) << "they would be stale";
}

} // namespace
} // namespace irlens::engine

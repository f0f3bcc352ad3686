// Entries that are variants of others: lowered only when they are named.
#include "tests/unit/engine/engine_fixture.h"

#include <gmock/gmock.h>

namespace irlens::engine {
namespace {

/// Lowers what somebody opens of an entry.
LowerRequest requestFor(const std::filesystem::path &path,
                        const std::string &stage, const std::string &entry) {
  LowerRequest request;
  request.path = path;
  request.stages = {stage};
  request.named = {entry};
  return request;
}

TEST_F(EngineTest, AnEntryOnDemandIsLoweredWhenItIsNamed) {
  auto path = source("entry K\nsource kernel\nvariant K.c1\nvariant K.c2\n");
  const FileState &file = lower(path, {});
  EXPECT_EQ(status(file, "ttgir", "K"), StageStatus::Ok);
  for (const StageState &stage : file.find("K.c1")->stages)
    EXPECT_EQ(stage.status, StageStatus::NotAsked) << stage.id;

  engine_->lower(requestFor(path, "ttgir", "K.c2"));
  wait(path);
  EXPECT_EQ(status(file, "ttgir", "K.c2"), StageStatus::Ok);
  EXPECT_EQ(status(file, "ttgir", "K.c1"), StageStatus::NotAsked);
  EXPECT_EQ(installation_.requests().back(), "capture ttir(K.c2),ttgir(K.c2)");

  // What the other one has is not made again.
  engine_->lower(requestFor(path, "ttgir", "K.c1"));
  wait(path);
  EXPECT_EQ(status(file, "ttgir", "K.c1"), StageStatus::Ok);
  EXPECT_EQ(installation_.requests().back(), "capture ttir(K.c1),ttgir(K.c1)");
  EXPECT_EQ(installation_.requests().size(), 3U);
}

TEST_F(EngineTest, AnOrdinaryEntryWantsNoRowsOnDemand) {
  auto path = source("entry K\nsource kernel\nvariant K.c1\n");
  lower(path, {"ttir"});
  engine_->lower(requestFor(path, "ptx", "K"));
  wait(path);
  for (const std::string &request : installation_.requests())
    EXPECT_THAT(request, testing::Not(testing::HasSubstr("("))) << request;
}

TEST_F(EngineTest, ASavedFileKeepsTheTextsOfEntriesOnDemand) {
  auto path = source("entry K\nsource kernel\nvariant K.c1\n");
  engine_->lower(requestFor(path, "ttir", "K.c1"));
  const FileState &file = wait(path);
  ASSERT_EQ(status(file, "ttir", "K.c1"), StageStatus::Ok);
  source("entry K\nsource kernel\nvariant K.c1\n# edited\n");
  lower(path, {"ttir"});
  const StageState *state = file.find("K.c1")->find("ttir");
  ASSERT_NE(state->good, nullptr);
  EXPECT_EQ(state->good->generation, 1U);
  source("error broken\n");
  lower(path, {"ttir"});
  EXPECT_NE(file.find("K.c1")->find("ttir")->good, nullptr);
}

} // namespace
} // namespace irlens::engine

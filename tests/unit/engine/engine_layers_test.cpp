// The engine with .irlens.json files: their rows count, a mistake is told and
// the last good table goes on, and only another table makes another run.
#include "tests/unit/engine/engine_fixture.h"

namespace irlens::engine {
namespace {

constexpr const char *kRow =
    R"({"rows": [{"id": "tiled", "from": "linalg", "steps": "mlir-opt --cse"}]})";

TEST_F(EngineTest, ARowOfAFolderIsAStageOfItsFiles) {
  installation_.folder.write("ws/.irlens.json", kRow);
  auto path = source("");
  const FileState &file = lower(path, {"fx"});
  EXPECT_TRUE(file.tableProblems.empty());
  EXPECT_NE(file.table->find("tiled", "model"), nullptr);
  EXPECT_EQ(engine_->table().find("tiled", "model"), nullptr);
  EXPECT_NE(engine_->tableOf(path)->find("tiled", "model"), nullptr);
}

TEST_F(EngineTest, TheLastGoodTableGoesOn) {
  auto configuration = installation_.folder.write("ws/.irlens.json", kRow);
  auto path = source("");
  std::uint64_t generation = lower(path, {"fx"}).generation;
  installation_.folder.write("ws/.irlens.json", R"({"rows": [{]})");
  const FileState &file = lower(path, {"fx"});
  ASSERT_EQ(file.tableProblems.size(), 1U);
  const Diagnostic &problem = file.tableProblems[0];
  EXPECT_EQ(problem.pos,
            (SourcePos{std::filesystem::canonical(configuration), 1, 12}));
  EXPECT_NE(file.table->find("tiled", "model"), nullptr);
  EXPECT_EQ(file.generation, generation);
  // Another row is another run, and the mistake is gone.
  installation_.folder.write(
      "ws/.irlens.json",
      R"({"rows": [{"id": "other", "from": "linalg", "steps": "mlir-opt"}]})");
  const FileState &again = lower(path, {"fx"});
  EXPECT_TRUE(again.tableProblems.empty());
  EXPECT_NE(again.table->find("other", "model"), nullptr);
  EXPECT_NE(again.generation, generation);
}

/// No worker hears of a stage that would run a program of such a folder, nor of
/// what is made from it; the rest is made.
TEST_F(EngineTest, AProgramOfAFolderThatNobodyTrustsIsNotRun) {
  installation_.folder.write("ws/.irlens.json", R"({"rows": [
    {"id": "mine", "from": "linalg", "steps": [{"command": ["mytool"]}]},
    {"id": "below", "from": "mine", "steps": "mlir-opt --cse"}]})");
  const FileState &file =
      lower(source("entry Net\n"), {"llvm-ir", "mine", "below"});
  EXPECT_EQ(stageOf(file, "llvm-ir").status, StageStatus::Ok);
  const StageState &mine = stageOf(file, "mine");
  EXPECT_EQ(mine.status, StageStatus::Unavailable);
  ASSERT_EQ(mine.diagnostics.size(), 1U);
  EXPECT_EQ(mine.diagnostics[0].severity, Severity::Info);
  EXPECT_TRUE(mine.diagnostics[0].message.contains("irlens config --trust"))
      << mine.diagnostics[0].message;
  EXPECT_EQ(stageOf(file, "below").status, StageStatus::Unavailable);
  for (const std::string &request : installation_.requests())
    EXPECT_FALSE(request.contains("mine") || request.contains("below"))
        << request;
}

TEST_F(EngineTest, AConfigurationIsADependency) {
  auto path = source("");
  lower(path, {"fx"});
  auto folder = std::filesystem::canonical(path.parent_path());
  EXPECT_EQ(engine_->dependents(folder / ".irlens.json").size(), 1U);
  EXPECT_TRUE(engine_->dependents(folder / "below/.irlens.json").empty());
}

} // namespace
} // namespace irlens::engine

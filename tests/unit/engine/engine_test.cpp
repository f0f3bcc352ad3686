// The engine with obedient workers: what runs, what is taken from the store,
// what stays when something goes wrong.
#include "engine/store/files.h"
#include "tests/unit/engine/engine_fixture.h"

#include <gmock/gmock.h>

namespace irlens::engine {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(EngineTest, MakesAStageAndAllThatItIsMadeFrom) {
  auto path = source("entry Net\n");
  const FileState &file = lower(path, {"x86"});
  for (const char *id :
       {"torch", "linalg", "llvm-dialect", "llvm-ir", "llvm-ir-opt", "x86"})
    EXPECT_EQ(status(file, id), StageStatus::Ok) << id;
  EXPECT_EQ(status(file, "nvptx"), StageStatus::NotAsked);
  EXPECT_THAT(installation_.requests(),
              ElementsAre("capture torch,linalg",
                          "lower Net llvm-dialect,llvm-ir,llvm-ir-opt,x86"));
  const StageState &x86 = stageOf(file, "x86");
  EXPECT_EQ(x86.good->operations, 4);
  EXPECT_THAT(x86.measured, ElementsAre(testing::Pair("max error", 0.25)));
  EXPECT_EQ(readFile(x86.good->document), "entry Net\n");
  EXPECT_EQ(file.find("Net")->signature, "f32[2]");
}

TEST_F(EngineTest, AStageWaitsForAllThatItReads) {
  auto path = source("entry Net\n");
  const FileState &file = lower(path, {"check"});
  for (const char *id : {"llvm-ir", "reference", "check"})
    EXPECT_EQ(status(file, id), StageStatus::Ok) << id;
  auto at = [&](const char *id) {
    return std::ranges::find(order_, std::string("Net/") + id);
  };
  EXPECT_LT(at("reference"), at("check"));
  // Whether they are one job or two depends on which answer is first. Within a
  // job the worker keeps the order, and the answers are read side by side.
  std::string asked;
  for (const std::string &request : installation_.requests())
    asked += request + "\n";
  EXPECT_LT(asked.find("reference"), asked.find("check")) << asked;
  EXPECT_LT(asked.find("llvm-ir"), asked.find("check")) << asked;
}

TEST_F(EngineTest, WithoutWhatItReadsAStageIsNotTried) {
  auto path = source("entry Net\nfail reference\n");
  const FileState &file = lower(path, {"check"});
  EXPECT_EQ(status(file, "llvm-ir"), StageStatus::Ok);
  EXPECT_EQ(status(file, "check"), StageStatus::Failed);
  EXPECT_EQ(stageOf(file, "check").blockedBy, "reference");
}

TEST_F(EngineTest, TheReasonOfABlockedStageStays) {
  auto path = source("entry Net\nfail torch\n");
  const FileState &file = lower(path, {"tosa", "linalg", "stablehlo"});
  for (const char *id : {"tosa", "linalg", "stablehlo"}) {
    EXPECT_EQ(status(file, id), StageStatus::Failed) << id;
    EXPECT_EQ(stageOf(file, id).blockedBy, "torch") << id;
  }
}

TEST_F(EngineTest, SeveralEntriesAreLoweredEach) {
  auto path = source("entry A\nentry B\n");
  const FileState &file = lower(path, {"llvm-dialect"});
  EXPECT_EQ(status(file, "llvm-dialect", "A"), StageStatus::Ok);
  EXPECT_EQ(status(file, "llvm-dialect", "B"), StageStatus::Ok);
}

TEST_F(EngineTest, ASaveMakesWhatIsDefaultForTheEntrysOwnSource) {
  // amdgcn is made on a save for kernels, for models when somebody asks.
  auto path = source("entry Net\n");
  const FileState &file = lower(path, {});
  EXPECT_EQ(status(file, "llvm-ir"), StageStatus::Ok);
  EXPECT_EQ(status(file, "amdgcn"), StageStatus::NotAsked);
}

TEST_F(EngineTest, WhatIsMadeApartDelaysNothing) {
  auto path = source("entry Net\nhang lazy\n");
  stopOnCancel_ = true;
  whenStage_ = [&](const std::string &stage) {
    if (stage == "llvm-ir" &&
        status(*engine_->file(path), "llvm-ir") == StageStatus::Ok)
      engine_->cancel(path);
  };
  const FileState &file = lower(path, {"lazy", "llvm-ir"});
  EXPECT_EQ(status(file, "llvm-ir"), StageStatus::Ok);
  EXPECT_NE(status(file, "lazy"), StageStatus::Ok);
  EXPECT_THAT(installation_.requests(), Contains("capture torch,linalg"));
  EXPECT_THAT(installation_.requests(), Contains("capture lazy"));
}

TEST_F(EngineTest, StagesWantedFirstAreMadeFirst) {
  auto path = source("entry Net\n");
  lower(path, {"linalg", "fx", "tosa"});
  EXPECT_THAT(installation_.requests(),
              ElementsAre("capture torch,linalg,fx,tosa"));
}

TEST_F(EngineTest, AnUnchangedSaveDoesNothing) {
  auto path = source("entry Net\n");
  lower(path, {"llvm-ir"});
  auto before = installation_.requests();
  std::uint64_t generation = engine_->file(path)->generation;
  lower(path, {"llvm-ir"});
  EXPECT_EQ(installation_.requests(), before);
  EXPECT_EQ(engine_->file(path)->generation, generation);
}

TEST_F(EngineTest, ARestartedEngineTakesEverythingFromTheStore) {
  auto path = source("entry Net\n");
  lower(path, {"llvm-ir", "output"});
  restart();
  const FileState &file = lower(path, {"llvm-ir", "output"});
  EXPECT_TRUE(file.cached);
  EXPECT_EQ(status(file, "llvm-ir"), StageStatus::Ok);
  EXPECT_EQ(readFile(stageOf(file, "output").good->document), "printed\n");
  EXPECT_EQ(installation_.requests().size(), 2U) << "no job after the restart";
}

TEST_F(EngineTest, MoreStagesOfTheSameContentGoOnFromTheArtifacts) {
  auto path = source("entry Net\n");
  lower(path, {"llvm-ir"});
  lower(path, {"nvptx", "tosa"});
  auto requests = installation_.requests();
  ASSERT_EQ(requests.size(), 4U);
  EXPECT_THAT(requests, Contains("lower Net nvptx"));
  EXPECT_THAT(requests, Contains("lower Net tosa"))
      << "the script is not run again";
  restart();
  lower(path, {"nvptx", "tosa", "llvm-ir"});
  EXPECT_EQ(installation_.requests().size(), 4U);
}

TEST_F(EngineTest, AStageThatOnlyTheScriptCanMakeRunsItAgain) {
  auto path = source("entry Net\n");
  lower(path, {"linalg"});
  const FileState &file = lower(path, {"fx"});
  EXPECT_EQ(status(file, "fx"), StageStatus::Ok);
  EXPECT_EQ(status(file, "linalg"), StageStatus::Ok);
  EXPECT_EQ(installation_.requests().back(), "capture fx");
}

TEST_F(EngineTest, ForceMakesItAgain) {
  auto path = source("entry Net\n");
  lower(path, {"fx"});
  lower(path, {"fx"}, /*force=*/true);
  EXPECT_EQ(installation_.requests().size(), 2U);
}

TEST_F(EngineTest, AnEditedImportLowersAgain) {
  auto module = installation_.folder.write("ws/blocks.py", "a = 1\n");
  std::filesystem::last_write_time(
      module, std::filesystem::file_time_type::clock::now() - 1h);
  auto path = source("entry Net\nimport " + module.string() + "\n");
  lower(path, {"fx"});
  EXPECT_THAT(engine_->dependents(module), ElementsAre(path));
  installation_.folder.write("ws/blocks.py", "a = 2\n");
  lower(path, {"fx"});
  EXPECT_EQ(installation_.requests().size(), 2U);
  lower(path, {"fx"});
  EXPECT_EQ(installation_.requests().size(), 2U);
}

TEST_F(EngineTest, AnImportEditedDuringTheRunIsNotTrusted) {
  auto module = installation_.folder.write("ws/blocks.py", "a = 1\n");
  auto path = source("entry Net\nimport " + module.string() + "\n");
  whenStage_ = [&](const std::string &) {
    std::filesystem::last_write_time(
        module, std::filesystem::file_time_type::clock::now() + 1s);
  };
  lower(path, {"fx"});
  whenStage_ = nullptr;
  lower(path, {"fx"});
  EXPECT_EQ(installation_.requests().size(), 2U)
      << "nobody knows which bytes the first run saw";
}

TEST_F(EngineTest, AFailedStageBlocksWhatIsMadeFromItAndNothingElse) {
  auto path = source("entry Net\nfail linalg\n");
  const FileState &file = lower(path, {"fx", "tosa", "linalg", "llvm-ir"});
  EXPECT_EQ(status(file, "tosa"), StageStatus::Ok);
  EXPECT_EQ(status(file, "linalg"), StageStatus::Failed);
  EXPECT_EQ(status(file, "llvm-ir"), StageStatus::Failed);
  EXPECT_EQ(stageOf(file, "llvm-ir").blockedBy, "linalg");
  const StageState &linalg = stageOf(file, "linalg");
  ASSERT_EQ(linalg.diagnostics.size(), 1U);
  EXPECT_EQ(linalg.diagnostics[0].pos, (SourcePos{"/ws/block.py", 5, 0}))
      << "the user's frame, not the library's";
  EXPECT_EQ(linalg.diagnostics[0].op, "torch.aten.x");
  EXPECT_NE(linalg.partial, nullptr);
  lower(path, {"nvptx"});
  EXPECT_EQ(stageOf(file, "nvptx").blockedBy, "linalg");
  EXPECT_THAT(installation_.requests(), testing::SizeIs(1));
}

TEST_F(EngineTest, TheLastGoodTextStaysWhenAStageFails) {
  auto path = source("entry Net\n");
  lower(path, {"linalg"});
  source("entry Net\nfail linalg\n");
  const FileState &file = lower(path, {"linalg"});
  const StageState &linalg = stageOf(file, "linalg");
  EXPECT_EQ(linalg.status, StageStatus::Failed);
  ASSERT_NE(linalg.good, nullptr);
  EXPECT_LT(linalg.good->generation, file.generation);
  EXPECT_EQ(readFile(linalg.good->document), "entry Net\n");
}

TEST_F(EngineTest, ABrokenFileKeepsItsEntriesAndSaysWhy) {
  auto path = source("entry Net\n");
  lower(path, {"fx"});
  source("error invalid syntax\n");
  const FileState &file = lower(path, {"fx"});
  ASSERT_EQ(file.diagnostics.size(), 1U);
  EXPECT_EQ(file.diagnostics[0].message, "invalid syntax");
  EXPECT_EQ(file.diagnostics[0].pos.line, 2);
  EXPECT_EQ(status(file, "fx"), StageStatus::Failed);
  EXPECT_TRUE(stageOf(file, "fx").blockedByFile);
  EXPECT_NE(stageOf(file, "fx").good, nullptr);
  lower(path, {"fx"});
  EXPECT_EQ(installation_.requests().size(), 3U)
      << "what failed as a whole may have failed by accident: it is tried "
         "again";
  source("entry Net\n");
  lower(path, {"fx"});
  EXPECT_EQ(status(file, "fx"), StageStatus::Ok);
  EXPECT_THAT(file.diagnostics, IsEmpty());
}

TEST_F(EngineTest, AJobThatCouldWriteNothingDropsNothing) {
  auto path = source("entry Net\n");
  lower(path, {"fx"});
  source("lose No space left on device\n");
  const FileState &file = lower(path, {"fx"});
  ASSERT_EQ(file.diagnostics.size(), 1U);
  EXPECT_EQ(file.diagnostics[0].message, "No space left on device");
  ASSERT_NE(file.find("Net"), nullptr);
  EXPECT_EQ(readFile(stageOf(file, "fx").good->document), "entry Net\n");
}

TEST_F(EngineTest, AnEntryThatIsGoneIsGone) {
  auto path = source("entry Net\nentry Old\n");
  lower(path, {"fx"});
  source("entry Net\n");
  const FileState &file = lower(path, {"fx"});
  EXPECT_EQ(file.find("Old"), nullptr);
  EXPECT_NE(file.find("Net"), nullptr);
}

TEST_F(EngineTest, ANewerSaveCancelsTheOlder) {
  auto path = source("entry Net\nhang fx\n");
  whenStage_ = [&](const std::string &stage) {
    if (stage != "torch" || engine_->file(path)->generation != 1)
      return;
    source("entry Net\n");
    engine_->lower({path, {"torch", "fx"}, {}, false, false, {}, {}});
  };
  const FileState &file = lower(path, {"torch", "fx"});
  EXPECT_EQ(file.generation, 2U);
  EXPECT_EQ(status(file, "fx"), StageStatus::Ok);
  EXPECT_THAT(ended_, ElementsAre(true, false));
  EXPECT_THAT(installation_.requests(), Contains("cancel"));
}

TEST_F(EngineTest, CancelLeavesWhatIsDone) {
  stopOnCancel_ = true;
  auto path = source("entry Net\nhang fx\n");
  whenStage_ = [&](const std::string &stage) {
    if (stage == "torch")
      engine_->cancel(path);
  };
  const FileState &file = lower(path, {"torch", "fx"});
  EXPECT_FALSE(file.running);
  EXPECT_EQ(status(file, "torch"), StageStatus::Ok);
  EXPECT_EQ(status(file, "fx"), StageStatus::NotAsked);
  EXPECT_EQ(readFile(stageOf(file, "torch").good->document),
            "entry Net\nhang fx\n");
}

TEST_F(EngineTest, AWorkerThatDiesMidRunCostsItsJobOnly) {
  auto path = source("entry Net\ndie llvm-ir\n");
  const FileState &file =
      lower(path, {"linalg", "llvm-dialect", "llvm-ir", "x86"});
  EXPECT_EQ(status(file, "linalg"), StageStatus::Ok);
  EXPECT_EQ(status(file, "llvm-dialect"), StageStatus::Ok);
  EXPECT_EQ(status(file, "llvm-ir"), StageStatus::Failed);
  EXPECT_THAT(stageOf(file, "llvm-ir").diagnostics[0].message,
              HasSubstr("died"));
  EXPECT_THAT(messages_, Contains(HasSubstr("starting it again")));
  source("entry Net\n");
  lower(path, {"x86"});
  EXPECT_EQ(status(file, "x86"), StageStatus::Ok);
}

TEST_F(EngineTest, ACrashIsTriedAgainOnTheNextSaveAFailureIsNot) {
  auto path = source("entry Net\ncrash tosa\nfail stablehlo\n");
  const FileState &file = lower(path, {"tosa", "stablehlo"});
  EXPECT_EQ(status(file, "tosa"), StageStatus::Failed);
  lower(path, {"tosa", "stablehlo"});
  EXPECT_EQ(installation_.requests().back(), "lower Net tosa");
}

TEST_F(EngineTest, AMissingToolchainIsUnavailableWithTheReason) {
  std::filesystem::remove(installation_.folder.path() / "bin/irlens-mlir");
  restart();
  auto path = source("entry Net\n");
  const FileState &file = lower(path, {"linalg", "llvm-ir"});
  EXPECT_EQ(status(file, "linalg"), StageStatus::Ok);
  EXPECT_EQ(status(file, "llvm-dialect"), StageStatus::Unavailable);
  EXPECT_THAT(stageOf(file, "llvm-dialect").diagnostics[0].message,
              HasSubstr("make build"));
}

TEST_F(EngineTest, AMissingFileIsADiagnostic) {
  auto path = installation_.folder.path() / "ws/nothing.py";
  const FileState &file = lower(path, {"fx"});
  ASSERT_EQ(file.diagnostics.size(), 1U);
  EXPECT_THAT(file.diagnostics[0].message, HasSubstr("No such file"));
}

TEST_F(EngineTest, AnUnusableStoreIsReplacedAndSaid) {
  installation_.folder.write("file", "");
  Settings settings = installation_.settings();
  settings.store = (installation_.folder.path() / "file/store").string();
  engine_.reset();
  engine_ = std::move(*Engine::create(loop_, settings, *this));
  auto path = source("entry Net\n");
  const FileState &file = lower(path, {"fx"});
  EXPECT_EQ(status(file, "fx"), StageStatus::Ok);
  EXPECT_THAT(messages_, Contains(HasSubstr("which is lost when irlens ends")));
}

TEST_F(EngineTest, DoctorReportsWhatIsThereAndWhatIsNot) {
  std::filesystem::remove(installation_.folder.path() / "bin/irlens-mlir");
  restart();
  std::vector<PartReport> parts;
  engine_->doctor([&](std::vector<PartReport> found) {
    parts = std::move(found);
    loop_.stop();
  });
  loop_.run();
  ASSERT_EQ(parts.size(), 4U);
  for (std::size_t missing : {0, 1}) {
    EXPECT_FALSE(parts[missing].found);
    EXPECT_THAT(parts[missing].install, HasSubstr("make build"));
  }
  EXPECT_EQ(parts[0].name, "irlens-mlir");
  EXPECT_EQ(parts[1].name, "irlens-torchscript");
  EXPECT_EQ(parts[2].name, "Python worker");
  EXPECT_TRUE(parts[2].found);
  EXPECT_EQ(parts[3].name, "fake");
  EXPECT_EQ(parts[3].version, "1.0");
}

TEST(Wants, PythonFilesThatNameAModel) {
  class Silent : public Listener {
    void onRunStarted(const FileState &) override {}
    void onEntries(const FileState &) override {}
    void onStage(const FileState &, const Entry &,
                 const StageState &) override {}
    void onRunFinished(const FileState &, bool) override {}
    void onMessage(Severity, const std::string &) override {}
  } listener;
  EventLoop loop;
  test::FakeInstallation installation;
  auto engine =
      std::move(*Engine::create(loop, installation.settings(), listener));
  EXPECT_TRUE(engine->wants("a.py", "import torch\n"));
  EXPECT_TRUE(engine->wants("a.py", "__explore__(f, 1)"));
  EXPECT_TRUE(engine->wants("a.py", "# irlens: f(1)"));
  EXPECT_FALSE(engine->wants("a.py", "print(1)"));
  EXPECT_FALSE(engine->wants("a.txt", "import torch"));
}

} // namespace
} // namespace irlens::engine

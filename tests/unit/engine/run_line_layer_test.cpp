// RUN lines as a layer of the stage table (engine/run_line_layer.h): rows whose
// steps stand where they are written.
#include "engine/run_line_layer.h"

#include "engine/table/trust.h"
#include "tests/unit/engine/engine_fixture.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace irlens::engine {
namespace {

using Json = nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char *kTest =
    "// A test.\n"
    "// RUN: mlir-opt %s --cse | opt -O1 | FileCheck %s\n"
    "// RUN: mlir-opt %s -o %t && not diff %s %t\n"
    "// RUN: mytool %s 2>&1 | count 3\n"
    "// CHECK: linalg.add\n";

RunLineLayer layerOf(std::string_view text, bool trusted = true,
                     std::vector<std::string> tools = {"mytool"}) {
  auto made =
      runLineLayer({"/ws/a.mlir", text, "linalg", std::move(tools), trusted});
  EXPECT_TRUE(made.has_value());
  return made ? std::move(*made) : RunLineLayer();
}

LoadedTable tableOf(const RunLineLayer &lines) {
  return StageTable::load(std::vector<Layer>{builtinLayer(), lines.layer});
}

std::vector<std::string> runsOf(const StageTable &table) {
  std::vector<std::string> ids;
  for (const Stage &stage : table.stages())
    if (stage.origin == "ir" && stage.base.starts_with("run-"))
      ids.push_back(stage.id);
  return ids;
}

TEST(RunLineLayer, AFileWithoutRunLinesHasNone) {
  EXPECT_FALSE(runLineLayer({"/ws/a.mlir", "x\n", "linalg", {}, true}));
}

TEST(RunLineLayer, EachToolIsAStageAndChecksBelongToTheLast) {
  RunLineLayer lines = layerOf(kTest);
  EXPECT_THAT(lines.problems, IsEmpty());
  LoadedTable loaded = tableOf(lines);
  EXPECT_THAT(loaded.problems, IsEmpty());
  EXPECT_THAT(runsOf(loaded.table),
              ElementsAre("run-1.steps.00-mlir-opt", "run-1", "run-2",
                          "run-2-2", "run-3"));
  const Stage &first = *loaded.table.find("run-1", "ir");
  EXPECT_EQ(first.title, "RUN 1: mlir-opt | opt");
  EXPECT_EQ(loaded.table.find("run-2-2", "ir")->title, "RUN 2.2: checks");
  EXPECT_TRUE(first.byDefault);
  EXPECT_EQ(first.extension, "ll");
  Json row = Json::parse(first.row);
  EXPECT_EQ(row["test"], true);
  ASSERT_EQ(row["steps"].size(), 2U);
  EXPECT_EQ(row["steps"][1]["filecheck"]["against"], "/ws/a.mlir");
  EXPECT_EQ(loaded.table.find("run-1.steps.00-mlir-opt", "ir")->from, "linalg");
  Json second = Json::parse(loaded.table.find("run-2", "ir")->row);
  EXPECT_EQ(second["steps"][1]["write"], "{temporary}/a.mlir.tmp");
  Json third = Json::parse(loaded.table.find("run-3", "ir")->row);
  EXPECT_EQ(third["steps"][0]["errors"], "joined");
}

TEST(RunLineLayer, APathIsOneWordWhateverItsNameIs) {
  auto lines = runLineLayer(
      {"/a w\u00f6rkspace/it's $HOME;.mlir",
       "// RUN: mlir-opt %s \"--x=%s\" -o %t | FileCheck %S/b.txt\n"
       "// RUN: unknown %s\n",
       "linalg",
       {},
       true});
  ASSERT_TRUE(lines.has_value());
  Json row = Json::parse(tableOf(*lines).table.find("run-1", "ir")->row);
  const std::string text = row["steps"].dump();
  EXPECT_THAT(text, HasSubstr("--x=/a w\u00f6rkspace/it's $HOME;.mlir\""));
  EXPECT_THAT(text, HasSubstr("\"{temporary}/it's $HOME;.mlir.tmp\""));
  EXPECT_THAT(text, HasSubstr("\"/a w\u00f6rkspace/b.txt\""));
  ASSERT_EQ(lines->problems.size(), 1U);
}

TEST(RunLineLayer, StagesStandWhereTheirCommandsAreWritten) {
  LoadedTable loaded = tableOf(layerOf(kTest));
  EXPECT_EQ(loaded.table.find("run-1", "ir")->definition,
            (Definition{"/ws/a.mlir", 2, 9, 2, 51}));
  EXPECT_EQ(loaded.table.find("run-1.steps.00-mlir-opt", "ir")->definition,
            (Definition{"/ws/a.mlir", 2, 9, 2, 26}));
}

TEST(RunLineLayer, WhatIsNotRunIsToldOnItsLine) {
  RunLineLayer lines = layerOf("// RUN: mlir-opt %s | FileCheck %s\n"
                               "// RUN: rm -rf / ; mlir-opt %s\n"
                               "// RUN: mlir-opt $(touch x) %s\n"
                               "// RUN: FileCheck %s < %t\n",
                               true, {});
  std::vector<std::pair<int, std::string>> told;
  for (const Diagnostic &problem : lines.problems) {
    EXPECT_EQ(problem.pos.file, "/ws/a.mlir");
    told.emplace_back(problem.pos.line, problem.message);
  }
  EXPECT_THAT(told, testing::Contains(testing::Pair(
                        2, HasSubstr("touches no file but those of %t"))));
  EXPECT_THAT(told, testing::Contains(testing::Pair(
                        3, HasSubstr("a command inside a command"))));
  EXPECT_THAT(told, testing::Contains(testing::Pair(
                        4, "nothing before this line writes %t")));
}

/// Words of a test can have any tool do anything: not one is run.
TEST(RunLineLayer, NothingOfAFolderThatNobodyTrustsIsRun) {
  LoadedTable loaded = tableOf(layerOf(kTest, /*trusted=*/false));
  for (const std::string &id : runsOf(loaded.table))
    EXPECT_TRUE(loaded.table.find(id, "ir")->untrusted) << id;
  EXPECT_THAT(untrustedReason(*loaded.table.find("run-1", "ir")),
              HasSubstr("irlens config --trust /ws"));
  for (const std::string &id : runsOf(tableOf(layerOf(kTest)).table))
    EXPECT_FALSE(tableOf(layerOf(kTest)).table.find(id, "ir")->untrusted);
}

/// Another content of one makes another run.
TEST(RunLineLayer, FilesThatATestReadsBelongToTheKey) {
  StageTable table =
      tableOf(layerOf("// RUN: mlir-opt %S/in.mlir | FileCheck %S/check\n"
                      "// RUN: mlir-opt %s -o %t && FileCheck %s < %t\n"))
          .table;
  EXPECT_THAT(table.programs(), ElementsAre("/ws/check", "/ws/in.mlir"));
}

class RunLines : public EngineTest {
protected:
  std::filesystem::path test(const std::string &text) {
    return installation_.folder.write("ws/a.mlir", text + "// linalg.add\n");
  }
};

TEST_F(RunLines, EnterWhereTheFileDoes) {
  const FileState &file =
      lower(test("// RUN: mlir-opt %s | FileCheck %s\n"), {"run-1"});
  ASSERT_NE(file.table->find("run-1", "ir"), nullptr);
  EXPECT_EQ(file.table->find("run-1", "ir")->from, "linalg");
  EXPECT_THAT(file.tableProblems, IsEmpty());
  // Nobody has trusted the folder: no worker hears of it.
  const StageState &state = *file.entries.at(0).find("run-1");
  EXPECT_EQ(state.status, StageStatus::Unavailable);
  ASSERT_EQ(state.diagnostics.size(), 1U);
  EXPECT_THAT(state.diagnostics[0].message, HasSubstr("irlens config --trust"));
  EXPECT_EQ(state.diagnostics[0].pos.line, 1);
  for (const std::string &request : installation_.requests())
    EXPECT_THAT(request, testing::Not(HasSubstr("run-1")));
}

TEST_F(RunLines, AMistakeIsToldAndTheOtherStagesAreMade) {
  const FileState &file =
      lower(test("// RUN: mlir-opt %s | sed s/a/b/\n"), {"llvm-dialect"});
  ASSERT_EQ(file.tableProblems.size(), 1U);
  EXPECT_EQ(file.tableProblems[0].pos.line, 1);
  EXPECT_THAT(file.tableProblems[0].message, HasSubstr("name sed in"));
  EXPECT_EQ(file.entries.at(0).find("llvm-dialect")->status, StageStatus::Ok);
}

} // namespace
} // namespace irlens::engine

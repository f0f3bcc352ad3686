// The stage table: what it accepts, what it refuses, what it derives.
#include "engine/stage.h"

#include <gtest/gtest.h>

#include <set>

namespace irlens::engine {
namespace {

constexpr const char *kTable = R"json({"stages": [
  {"id": "torch", "from": "source", "format": "mlir", "extension": "mlir",
   "steps": [{"capture": "torch"}, {"torch-mlir": "builtin.module(cse)"}]},
  {"id": "linalg", "from": "torch", "steps": [{"torch-mlir": "x"}]},
  {"id": "llvm-ir", "from": "linalg", "steps": [{"mlir": "a"}, {"translate": "llvm-ir"}]},
  {"id": "nvptx", "from": "llvm-ir", "target": "sm_90",
   "steps": [{"target": {"cpu": "{target}", "also": "{target}"}}, {"codegen": {}}]}
]})json";

StageTable parsed(std::string_view text = kTable) {
  auto table = StageTable::parse(text);
  EXPECT_TRUE(table) << (table ? "" : table.error().message);
  return table.value_or(StageTable());
}

std::string errorOf(std::string_view text) {
  auto table = StageTable::parse(text);
  return table ? "no error" : table.error().message;
}

TEST(StageTable, ReadsRows) {
  StageTable table = parsed();
  ASSERT_EQ(table.stages().size(), 4U);
  const Stage *torch = table.find("torch");
  ASSERT_NE(torch, nullptr);
  EXPECT_EQ(torch->executor, Executor::Python);
  EXPECT_EQ(torch->format, TextFormat::Mlir);
  EXPECT_EQ(torch->fileName(), "torch.mlir");
  EXPECT_EQ(table.find("llvm-ir")->executor, Executor::Mlir);
  EXPECT_EQ(table.find("nothing"), nullptr);
}

TEST(StageTable, LineageGoesFromTheSourceToTheStage) {
  StageTable table = parsed();
  std::vector<std::string> ids;
  for (const Stage *stage : table.lineage("llvm-ir"))
    ids.push_back(stage->id);
  EXPECT_EQ(ids, (std::vector<std::string>{"torch", "linalg", "llvm-ir"}));
  EXPECT_TRUE(table.lineage("unknown").empty());
}

TEST(StageTable, SuggestsWhatWasMeant) {
  StageTable table = parsed();
  EXPECT_EQ(table.suggest("linlag"), "linalg");
  EXPECT_EQ(table.suggest("completely-else"), "");
}

TEST(StageTable, PutsTheTargetIntoTheRow) {
  StageTable table = parsed();
  std::string row = rowForTarget(*table.find("nvptx"), "sm_80");
  EXPECT_NE(row.find(R"("cpu":"sm_80")"), std::string::npos) << row;
  EXPECT_NE(row.find(R"("also":"sm_80")"), std::string::npos) << row;
  EXPECT_EQ(row.find("{target}"), std::string::npos) << row;
}

struct BadTable {
  const char *name;
  const char *json;
  const char *message;
};

class StageTableRefuses : public testing::TestWithParam<BadTable> {};

TEST_P(StageTableRefuses, WithTheReason) {
  EXPECT_NE(errorOf(GetParam().json).find(GetParam().message),
            std::string::npos)
      << errorOf(GetParam().json);
}

INSTANTIATE_TEST_SUITE_P(
    Tables, StageTableRefuses,
    testing::Values(
        BadTable{"NoJson", "nonsense", "must be JSON"},
        BadTable{"NoStages", "{}", "must be JSON with a list"},
        BadTable{"NoObject", R"({"stages": [3]})", "must be an object"},
        BadTable{"BadId", R"({"stages": [{"id": "A b", "steps": []}]})",
                 "use a-z"},
        BadTable{"NoSteps", R"({"stages": [{"id": "a"}]})", "`steps` must be"},
        BadTable{"UnknownStep",
                 R"({"stages": [{"id": "a", "steps": [{"magic": 1}]}]})",
                 "unknown step `magic`"},
        BadTable{
            "TwoWorkers",
            R"({"stages": [{"id": "a", "steps": [{"capture": "fx"}, {"mlir": ""}]}]})",
            "steps of different workers"},
        BadTable{"Twice",
                 R"({"stages": [{"id": "a", "steps": [{"mlir": ""}]},
                                {"id": "a", "steps": [{"mlir": ""}]}]})",
                 "stands twice"},
        BadTable{
            "FromBelow",
            R"({"stages": [{"id": "a", "from": "b", "steps": [{"mlir": ""}]},
                                {"id": "b", "steps": [{"mlir": ""}]}]})",
            "names no stage above"}),
    [](const auto &info) { return std::string(info.param.name); });

TEST(BuiltinTable, IsValidAndNamesEveryStageOnce) {
  auto table = StageTable::builtin();
  ASSERT_TRUE(table) << table.error().message;
  std::set<std::string> ids;
  for (const Stage &stage : table->stages()) {
    EXPECT_TRUE(ids.insert(stage.id).second);
    EXPECT_FALSE(stage.title.empty());
    EXPECT_FALSE(stage.extension.empty());
  }
  for (const char *id :
       {"output", "torchscript", "fx", "torch", "tosa", "linalg", "stablehlo",
        "llvm-dialect", "llvm-ir", "llvm-ir-opt", "nvptx", "amdgcn", "spirv",
        "x86", "aarch64"})
    EXPECT_TRUE(ids.contains(id)) << id;
}

} // namespace
} // namespace irlens::engine

// The stage table: what it accepts, what it refuses, what it derives.
#include "engine/table/stage.h"

#include <gtest/gtest.h>

#include <set>

namespace irlens::engine {
namespace {

constexpr const char *kTable = R"json({"origins": [
  {"id": "model", "worker": "python", "extensions": ["py"]},
  {"id": "kernel", "worker": "python", "extensions": ["py"], "targets": ["sm_90", "gfx942"]}
 ], "stages": [
  {"id": "torch", "from": "model", "format": "mlir", "extension": "mlir",
   "steps": [{"capture": "torch"}, {"torch-mlir": "builtin.module(cse)"}]},
  {"id": "linalg", "from": "torch", "steps": [{"torch-mlir": "x"}]},
  {"id": "llvm-ir", "from": "linalg", "steps": [{"mlir": "a"}, {"translate": "llvm-ir"}]},
  {"id": "nvptx", "from": "llvm-ir", "target": "sm_90",
   "steps": [{"target": {"cpu": "{target}", "also": "{target}"}}, {"codegen": {}}]},
  {"id": "reference", "from": "model", "steps": [{"capture": "reference"}]},
  {"id": "check", "from": "llvm-ir", "inputs": ["reference"], "steps": [{"execute": "reference"}]},
  {"id": "output", "from": "model", "per-file": true, "steps": [{"capture": "output"}]},
  {"id": "ttgir", "from": "kernel", "steps": [{"capture": "{target}"}]},
  {"id": "nvptx", "from": "ttgir", "family": "sm_", "steps": [{"capture": ""}]},
  {"id": "amdgcn", "from": "ttgir", "family": "gfx", "steps": [{"capture": "{target}"}]}
]})json";

StageTable parsed(const TargetChoice &choice = {}) {
  auto table = StageTable::parse(kTable, choice);
  EXPECT_TRUE(table) << (table ? "" : table.error().message);
  return table.value_or(StageTable());
}

std::string errorOf(std::string_view text) {
  auto table = StageTable::parse(text);
  return table ? "no error" : table.error().message;
}

TEST(StageTable, ReadsRows) {
  StageTable table = parsed();
  const Stage *torch = table.find("torch", "model");
  ASSERT_NE(torch, nullptr);
  EXPECT_EQ(torch->executor, Executor::Python);
  EXPECT_EQ(torch->format, TextFormat::Mlir);
  EXPECT_EQ(torch->fileName(), "torch.mlir");
  EXPECT_EQ(table.find("llvm-ir", "model")->executor, Executor::Mlir);
  EXPECT_EQ(table.find("nothing", "model"), nullptr);
  EXPECT_EQ(table.find("torch", "kernel"), nullptr);
}

TEST(StageTable, OneStageAboutAllTargets) {
  auto table = StageTable::parse(R"json({"origins": [
    {"id": "kernel", "worker": "python", "targets": ["sm_90", "gfx942"]}
   ], "stages": [
    {"id": "table", "from": "kernel", "all-targets": true,
     "steps": [{"triton": "{target}"}]}
  ]})json");
  ASSERT_TRUE(table) << table.error().message;
  ASSERT_EQ(table->stages().size(), 1);
  const Stage &found = table->stages().front();
  EXPECT_EQ(found.target, "sm_90,gfx942");
  EXPECT_EQ(found.executor, Executor::Python);
  EXPECT_TRUE(found.row.contains(R"("triton":"sm_90,gfx942")"));
}

TEST(StageTable, ASourceCanBeLikeAnother) {
  auto table = StageTable::parse(R"json({"origins": [
    {"id": "model", "worker": "python", "extensions": ["py"]},
    {"id": "exported", "worker": "python", "extensions": ["pt2"], "binary": true,
     "inherits": "model", "roots": ["torch"]}
   ], "stages": [
    {"id": "fx", "from": "model", "steps": [{"capture": "fx"}]},
    {"id": "torch", "from": "model", "steps": [{"capture": "torch"}]},
    {"id": "slow", "from": "model", "background": true, "steps": [{"capture": "s"}]},
    {"id": "linalg", "from": "torch", "steps": [{"torch-mlir": "x"}]},
    {"id": "check", "from": "linalg", "inputs": ["fx"],
     "steps": [{"execute": "reference"}]}
  ]})json");
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_TRUE(table->findOrigin("exported")->binary);
  const Stage *torch = table->find("torch", "exported");
  ASSERT_NE(torch, nullptr);
  EXPECT_EQ(torch->from, "exported");
  EXPECT_NE(table->find("linalg", "exported"), nullptr);
  // Neither what stems from other roots, nor what needs them besides.
  EXPECT_EQ(table->find("fx", "exported"), nullptr);
  EXPECT_EQ(table->find("check", "exported"), nullptr);
  EXPECT_EQ(table->find("linalg", "model")->origin, "model");
  EXPECT_TRUE(table->find("slow", "model")->background);
  EXPECT_FALSE(torch->background);
}

TEST(StageTable, ASourceOnDemandHasNoDefaults) {
  auto table = StageTable::parse(R"json({"origins": [
    {"id": "kernel", "worker": "python", "extensions": ["py"],
     "targets": ["sm_90", "gfx942"]},
    {"id": "variant", "worker": "python", "extensions": ["py"],
     "targets": ["sm_90", "gfx942"], "inherits": "kernel", "roots": ["ttir"],
     "on-demand": true}
   ], "stages": [
    {"id": "ttir", "from": "kernel", "default": true,
     "steps": [{"triton": "{target}"}]},
    {"id": "ptx", "from": "ttir", "default": true, "family": "sm_",
     "steps": [{"triton": "{target}"}]}
  ]})json");
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_TRUE(table->isOnDemand("variant"));
  EXPECT_FALSE(table->isOnDemand("kernel"));
  EXPECT_TRUE(table->find("ptx", "kernel")->byDefault);
  const Stage *ptx = table->find("ptx", "variant");
  ASSERT_NE(ptx, nullptr);
  EXPECT_FALSE(ptx->byDefault);
  EXPECT_EQ(table->find("ttir.gfx942", "variant")->from, "variant");
}

TEST(StageTable, ARootMayBeAStageFurtherDown) {
  auto table = StageTable::parse(R"json({"origins": [
    {"id": "kernel", "worker": "python", "extensions": ["py"],
     "targets": ["sm_90", "gfx942"]},
    {"id": "text", "worker": "python", "extensions": ["ttgir"],
     "targets": ["sm_90", "gfx942"], "inherits": "kernel", "roots": ["ttgir"]}
   ], "stages": [
    {"id": "ttir", "from": "kernel", "steps": [{"triton": "{target}"}]},
    {"id": "ttgir", "from": "ttir", "steps": [{"triton": "{target}"}]},
    {"id": "ptx", "from": "ttgir", "family": "sm_", "steps": [{"triton": "x"}]}
  ]})json");
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_EQ(table->find("ttir", "text"), nullptr);
  EXPECT_EQ(table->find("ttgir", "text")->from, "text");
  EXPECT_EQ(table->find("ttgir.gfx942", "text")->from, "text");
  EXPECT_EQ(table->find("ptx", "text")->from, "ttgir");
  EXPECT_EQ(table->find("ttgir.gfx942", "kernel")->from, "ttir.gfx942");
}

TEST(StageTable, LineageGoesFromTheSourceToTheStage) {
  StageTable table = parsed();
  auto lineage = [&](std::string_view id) {
    std::vector<std::string> ids;
    for (const Stage *stage : table.lineage(*table.find(id, "model")))
      ids.push_back(stage->id);
    return ids;
  };
  EXPECT_EQ(lineage("llvm-ir"),
            (std::vector<std::string>{"torch", "linalg", "llvm-ir"}));
  EXPECT_EQ(lineage("check"),
            (std::vector<std::string>{"torch", "linalg", "llvm-ir", "reference",
                                      "check"}));
}

TEST(StageTable, SuggestsWhatWasMeant) {
  StageTable table = parsed();
  EXPECT_EQ(table.suggest("linlag"), "linalg");
  EXPECT_EQ(table.suggest("completely-else"), "");
}

TEST(StageTable, PutsTheTargetIntoTheRow) {
  StageTable table = parsed({{{"nvptx", "sm_80"}}, {}});
  std::string row = table.find("nvptx", "model")->row;
  EXPECT_NE(row.find(R"("cpu":"sm_80")"), std::string::npos) << row;
  EXPECT_NE(row.find(R"("also":"sm_80")"), std::string::npos) << row;
  EXPECT_EQ(row.find("{target}"), std::string::npos) << row;
}

std::vector<std::string> idsOf(const StageTable &table,
                               std::string_view source) {
  std::vector<std::string> ids;
  for (const Stage &stage : table.stages())
    if (stage.origin == source)
      ids.push_back(stage.id + "<" + stage.from);
  return ids;
}

TEST(StageTable, MakesOneRowPerTarget) {
  StageTable table = parsed();
  EXPECT_EQ(idsOf(table, "kernel"),
            (std::vector<std::string>{"ttgir<kernel", "ttgir.gfx942<kernel",
                                      "nvptx<ttgir", "amdgcn<ttgir.gfx942"}));
  const Stage *amd = table.find("amdgcn", "kernel");
  EXPECT_EQ(amd->target, "gfx942");
  EXPECT_FALSE(amd->oneOfMany);
  EXPECT_EQ(table.find("ttgir.gfx942", "kernel")->label(), "ttgir gfx942");
  EXPECT_NE(amd->row.find(R"("from":"ttgir.gfx942")"), std::string::npos);
  EXPECT_NE(amd->row.find(R"("capture":"gfx942")"), std::string::npos);
  // The same name of another source is another stage.
  EXPECT_EQ(table.find("nvptx", "model")->from, "llvm-ir");
  EXPECT_EQ(table.named("nvptx").size(), 2U);
  EXPECT_EQ(table.named("ttgir").size(), 2U);
}

TEST(StageTable, TargetsReplaceThoseOfTheirFamily) {
  // For one stage, for all that know the family, and for a source as a whole.
  StageTable one = parsed({{{"nvptx", "sm_80"}}, {}});
  EXPECT_EQ(one.find("ttgir", "kernel")->target, "sm_80");
  EXPECT_EQ(one.find("nvptx", "model")->target, "sm_80");
  StageTable plain = parsed({{}, {"sm_80", "sm_100"}});
  EXPECT_EQ(plain.named("ttgir").size(), 3U);
  EXPECT_EQ(plain.find("nvptx", "model")->target, "sm_100");
  StageTable exact = parsed({{{"kernel", "gfx90a"}}, {}});
  EXPECT_EQ(idsOf(exact, "kernel"),
            (std::vector<std::string>{"ttgir<kernel", "amdgcn<ttgir"}));
  EXPECT_EQ(parsed({{}, {"x86-64-v3"}}).named("ttgir").size(), 2U);
}

TEST(StageTable, StagesOfAFileAreThoseOfAllItsSources) {
  StageTable table = parsed();
  ASSERT_NE(table.find("output", "kernel"), nullptr);
  EXPECT_FALSE(table.applies(*table.find("torch", "model"), "kernel"));
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
        BadTable{"NoJson", "nonsense",
                 "`nonsense` must stand in double quotes (line 1)"},
        BadTable{"NoStages", "{}", "has no list `origins`"},
        BadTable{
            "NoObject",
            R"({"origins": [{"id": "m", "worker": "python"}], "stages": [3]})",
            "must be an object"},
        BadTable{
            "BadId",
            R"({"origins": [{"id": "m", "worker": "python"}], "stages": [{"id": "A b", "steps": []}]})",
            "use a-z"},
        BadTable{
            "NoSteps",
            R"({"origins": [{"id": "m", "worker": "python"}], "stages": [{"id": "a"}]})",
            "`steps` must be"},
        BadTable{
            "UnknownStep",
            R"({"origins": [{"id": "m", "worker": "python"}], "stages": [{"id": "a", "from": "m", "steps": [{"magic": 1}]}]})",
            "unknown step `magic`"},
        BadTable{
            "TwoWorkers",
            R"({"origins": [{"id": "m", "worker": "python"}], "stages": [{"id": "a", "steps": [{"capture": "fx"}, {"mlir": ""}]}]})",
            "steps of different workers"},
        BadTable{
            "Twice",
            R"({"origins": [{"id": "m", "worker": "python"}], "stages": [{"id": "a", "from": "m", "steps": [{"mlir": ""}]},
                                {"id": "a", "from": "m", "steps": [{"mlir": ""}]}]})",
            "stands twice"},
        BadTable{
            "FromBelow",
            R"({"origins": [{"id": "m", "worker": "python"}], "stages": [{"id": "a", "from": "b", "steps": [{"mlir": ""}]},
                                {"id": "b", "steps": [{"mlir": ""}]}]})",
            "names no origin and no stage above"},
        BadTable{
            "WithBelow",
            R"({"origins": [{"id": "m", "worker": "python"}], "stages": [{"id": "a", "from": "m", "inputs": ["b"], "steps": [{"mlir": ""}]},
                                {"id": "b", "from": "m", "steps": [{"mlir": ""}]}]})",
            "`inputs` names no stage above"},
        BadTable{"BadWorker",
                 R"({"origins": [{"id": "m", "worker": "x"}], "stages": []})",
                 "unknown worker `x`"}),
    [](const auto &info) { return std::string(info.param.name); });

TEST(BuiltinTable, IsValidAndNamesEveryStageOnce) {
  auto table = StageTable::builtin();
  ASSERT_TRUE(table) << table.error().message;
  std::set<std::string> ids;
  for (const Stage &stage : table->stages()) {
    EXPECT_TRUE(ids.insert(stage.origin + "/" + stage.id).second);
    EXPECT_FALSE(stage.title.empty());
    EXPECT_FALSE(stage.extension.empty());
  }
  for (const char *id :
       {"output", "torchscript", "fx", "torch", "tosa", "linalg", "stablehlo",
        "llvm-dialect", "llvm-ir", "llvm-ir-opt", "nvptx", "amdgcn", "spirv",
        "x86", "aarch64"})
    EXPECT_TRUE(ids.contains(std::string("model/") + id)) << id;
}

/// A save pays for no drawings, also where there are several targets.
TEST(BuiltinTable, LayoutsExplainTheTtgirOfTheirTarget) {
  auto table = StageTable::builtin();
  ASSERT_TRUE(table) << table.error().message;
  for (const char *source : {"kernel", "triton-ir"})
    for (std::string target : {"", ".gfx942"}) {
      const Stage *layouts = table->find("layouts" + target, source);
      ASSERT_TRUE(layouts) << source << target;
      EXPECT_EQ(layouts->from, "ttgir" + target);
      EXPECT_TRUE(layouts->explains);
      EXPECT_FALSE(layouts->byDefault);
    }
  EXPECT_FALSE(table->find("ttgir", "kernel")->explains);
}

} // namespace
} // namespace irlens::engine

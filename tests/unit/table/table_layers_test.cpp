// StageTable::load: what layers add, replace and derive, and where it is shown
// that one is wrong. The lowest layer is the built-in table.
#include "engine/table/config_schema.h"
#include "engine/table/layer.h"
#include "engine/table/pass_registry.h"
#include "engine/table/trust.h"
#include "tests/support/temp_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace irlens::engine {
namespace {

using Json = nlohmann::json;

Layer configuration(std::string text, bool trusted = true) {
  Layer layer;
  layer.name = layer.file = "/ws/.irlens.json";
  layer.text = std::move(text);
  layer.trusted = trusted;
  return layer;
}

LoadedTable load(const std::string &text, bool trusted = true,
                 const PassRegistry *passes = nullptr) {
  std::vector<Layer> layers{builtinLayer(), configuration(text, trusted)};
  return StageTable::load(layers, {}, passes);
}

/// "line:column-endLine:endColumn message", one a line.
std::string problemsOf(const LoadedTable &loaded) {
  std::string out;
  for (const Diagnostic &problem : loaded.problems)
    out += fmt::format("{}:{}-{}:{} {}\n", problem.pos.line, problem.pos.column,
                       problem.end.line, problem.end.column, problem.message);
  return out;
}

Json stepsOf(const Stage *stage) {
  return stage ? Json::parse(stage->row)["steps"] : Json();
}

TEST(TableLayers, ARowNeedsThreeKeys) {
  LoadedTable loaded = load(R"json({"rows": [
    {"id": "tiled", "from": "linalg",
     "steps": [{"mlir": "builtin.module(func.func(linalg-generalize-named-ops),cse)"}]},
  ]})json");
  EXPECT_EQ(problemsOf(loaded), "");
  const Stage *tiled = loaded.table.find("tiled", "model");
  ASSERT_NE(tiled, nullptr);
  EXPECT_EQ(tiled->from, "linalg");
  EXPECT_EQ(tiled->title, "tiled");
  EXPECT_EQ(tiled->format, TextFormat::Mlir);
  EXPECT_EQ(tiled->fileName(), "tiled.mlir");
  EXPECT_EQ(tiled->language, "mlir");
  EXPECT_EQ(tiled->comment, "//");
  EXPECT_EQ(tiled->executor, Executor::Mlir);
  EXPECT_EQ(tiled->stepOf, "");
  EXPECT_FALSE(tiled->byDefault);
  EXPECT_EQ(tiled->definition, (Definition{"/ws/.irlens.json", 2, 5, 3, 88}));
  // Origins that have what it is made from have it too.
  EXPECT_NE(loaded.table.find("tiled", "exported"), nullptr);
  EXPECT_EQ(loaded.table.find("tiled", "kernel"), nullptr);
}

TEST(TableLayers, StepsAreStages) {
  LoadedTable loaded = load(R"json({"rows": [{"id": "mine", "from": "linalg",
    "steps": "mlir-opt --canonicalize -cse | mlir-translate --mlir-to-llvmir | opt -O2 | llc -march=nvptx64"}]})json");
  EXPECT_EQ(problemsOf(loaded), "");
  std::vector<std::string> ids;
  for (const Stage *stage :
       loaded.table.lineage(*loaded.table.find("mine", "model")))
    ids.push_back(stage->id);
  EXPECT_EQ(ids, (std::vector<std::string>{"torch", "linalg",
                                           "mine.steps.00-mlir-opt",
                                           "mine.steps.01-mlir-translate",
                                           "mine.steps.02-opt", "mine"}));
  const Stage *first = loaded.table.find("mine.steps.00-mlir-opt", "model");
  EXPECT_EQ(first->stepOf, "mine");
  EXPECT_EQ(first->fileName(), "mine.steps.00-mlir-opt.mlir");
  EXPECT_EQ(
      stepsOf(first),
      Json::parse(R"([{"tool":"mlir-opt","args":["--canonicalize","-cse"]}])"));
  EXPECT_EQ(first->definition, (Definition{"/ws/.irlens.json", 2, 15, 2, 43}));
  EXPECT_EQ(loaded.table.find("mine.steps.02-opt", "model")->extension, "ll");
  EXPECT_EQ(loaded.table.find("mine", "model")->language, "ptx");
}

TEST(TableLayers, ATargetIsRepeatedBeforeEachStepAndALibraryLinkedOnce) {
  LoadedTable loaded =
      load(R"json({"rows": [{"id": "gfx", "from": "llvm-ir", "target": "gfx90a",
    "steps": [{"llvm": "globaldce"},
              {"target": {"triple": "amdgcn-amd-amdhsa", "cpu": "{target}", "features": ""}},
              {"device-library": "ocml"}, {"llvm": "default<O2>"}, {"codegen": {"opt": 2}}]}]})json");
  EXPECT_EQ(problemsOf(loaded), "");
  const Stage *optimized =
      loaded.table.find("gfx.steps.01-default-O2", "model");
  ASSERT_NE(optimized, nullptr);
  EXPECT_EQ(
      stepsOf(loaded.table.find("gfx.steps.00-globaldce", "model")).size(), 1U);
  EXPECT_EQ(stepsOf(optimized).size(), 3U);
  Json last = stepsOf(loaded.table.find("gfx", "model"));
  ASSERT_EQ(last.size(), 2U);
  EXPECT_EQ(last[0]["target"]["cpu"], "gfx90a");
  EXPECT_TRUE(last[1].contains("codegen"));
  EXPECT_EQ(loaded.table.find("gfx", "model")->language, "amdgcn");
}

TEST(TableLayers, ARowFromIrIsMadeFromTheTextOfAFile) {
  LoadedTable loaded = load(
      R"json({"rows": [{"id": "mine", "from": "ir", "steps": "mlir-opt --cse | mlir-opt --canonicalize"},
                       {"id": "below", "from": "linalg", "steps": "mlir-opt --cse"}]})json");
  EXPECT_EQ(problemsOf(loaded), "");
  EXPECT_TRUE(loaded.table.find("mine.steps.00-mlir-opt", "ir")->fromFile);
  EXPECT_FALSE(loaded.table.find("mine", "ir")->fromFile);
  EXPECT_FALSE(loaded.table.find("below", "ir")->fromFile);
  EXPECT_EQ(loaded.table.find("mine", "model"), nullptr);
}

TEST(TableLayers, TheTargetOfARowSaysWhatItsTextIs) {
  LoadedTable loaded = load(
      R"json({"rows": [{"id": "vulkan", "from": "llvm-ir", "target": "spirv64",
    "steps": [{"target": {"triple": "{target}-unknown-unknown"}}, {"codegen": {"opt": 2}}]}]})json");
  EXPECT_EQ(problemsOf(loaded), "");
  const Stage *row = loaded.table.find("vulkan", "model");
  EXPECT_EQ(row->extension, "spvasm");
  EXPECT_EQ(row->format, TextFormat::Spirv);
}

TEST(TableLayers, ARowReplacesTheOneOfItsIdAndOrigin) {
  LoadedTable loaded = load(R"json({"rows": [
    {"id": "x86", "from": "later", "steps": "llc -mtriple=x86_64", "title": "Mine"},
    {"id": "amdgcn", "from": "llvm-ir", "steps": "llc -march=amdgcn"},
    {"id": "later", "from": "llvm-ir", "steps": "opt -O1", "backend": "linalg"}]})json");
  EXPECT_EQ(problemsOf(loaded), "");
  const Stage *x86 = loaded.table.find("x86", "model");
  EXPECT_EQ(x86->title, "Mine");
  EXPECT_EQ(x86->from, "later");
  // Of two stages of a name, the one of the same origin.
  EXPECT_TRUE(
      stepsOf(loaded.table.find("amdgcn", "model"))[0].contains("tool"));
  EXPECT_TRUE(
      stepsOf(loaded.table.find("amdgcn", "kernel"))[0].contains("triton"));
  // What a stage is made from comes before it, however they are written.
  std::vector<std::string> order;
  for (const Stage &stage : loaded.table.stages())
    if (stage.origin == "model")
      order.push_back(stage.id);
  EXPECT_LT(std::ranges::find(order, "later"), std::ranges::find(order, "x86"));
  EXPECT_EQ(Json::parse(loaded.table.find("later", "model")->row)["backend"],
            "linalg");
}

TEST(TableLayers, ARowOfAKernelIsMadeForEachTarget) {
  LoadedTable loaded = load(R"json({"rows": [
    {"id": "again", "from": "ttgir", "steps": "triton-opt --canonicalize | triton-opt --cse"},
    {"id": "more", "from": "ptx", "steps": [{"command": ["cat"]}]}]})json");
  EXPECT_EQ(problemsOf(loaded), "");
  const Stage *amd = loaded.table.find("again.gfx942", "kernel");
  ASSERT_NE(amd, nullptr);
  EXPECT_EQ(amd->from, "again.steps.00-triton-opt.gfx942");
  EXPECT_EQ(amd->executor, Executor::Python);
  const Stage *step =
      loaded.table.find("again.steps.00-triton-opt.gfx942", "kernel");
  ASSERT_NE(step, nullptr);
  EXPECT_EQ(step->stepOf, "again.gfx942");
  EXPECT_EQ(step->from, "ttgir.gfx942");
  // PTX is for one of the targets.
  EXPECT_NE(loaded.table.find("more", "kernel"), nullptr);
  EXPECT_EQ(loaded.table.find("more.gfx942", "kernel"), nullptr);
}

TEST(TableLayers, OnlyTrustedLayersAreRun) {
  std::string text = R"json({"tools": {"opt": "bin/opt"}, "rows": [
    {"id": "own", "from": "llvm-ir", "steps": [{"command": ["./my tool", "{input}"]}]},
    {"id": "ours", "from": "llvm-ir", "steps": "llc"},
    {"id": "passes", "from": "linalg", "steps": [{"mlir": "builtin.module(gpu-module-to-binary)"}]},
    {"id": "theirs", "from": "llvm-ir", "steps": "opt -O2 | /usr/bin/llc"}]})json";
  LoadedTable loaded = load(text, /*trusted=*/false);
  EXPECT_EQ(problemsOf(loaded), "");
  const StageTable &table = loaded.table;
  EXPECT_TRUE(table.find("own", "model")->untrusted);
  EXPECT_TRUE(table.find("ours", "model")->untrusted);
  EXPECT_TRUE(table.find("passes", "model")->untrusted);
  EXPECT_FALSE(table.find("x86", "model")->untrusted);
  EXPECT_TRUE(table.find("theirs", "model")->untrusted);
  EXPECT_TRUE(table.find("theirs.steps.00-opt", "model")->untrusted);
  EXPECT_EQ(stepsOf(table.find("theirs.steps.00-opt", "model"))[0]["path"],
            "/ws/bin/opt");
  EXPECT_EQ(
      std::vector<std::string>(table.programs().begin(),
                               table.programs().end()),
      (std::vector<std::string>{"/usr/bin/llc", "/ws/bin/opt", "/ws/my tool"}));
  EXPECT_NE(untrustedReason(*table.find("own", "model"))
                .find("irlens config --trust /ws"),
            std::string::npos);
  LoadedTable trusted = load(text);
  EXPECT_FALSE(trusted.table.find("own", "model")->untrusted);
  EXPECT_NE(trusted.table.identity(), table.identity());
}

TEST(TableLayers, InnerLayersComeBeforeOuterOnes) {
  std::vector<Layer> layers{
      builtinLayer(),
      configuration(
          R"({"rows": [{"id": "a", "from": "linalg", "steps": "mlir-opt --cse"}]})"),
      configuration(
          R"({"rows": [{"id": "b", "from": "a", "steps": "mlir-opt"},
                       {"id": "a", "from": "tosa", "steps": "mlir-opt"}]})")};
  LoadedTable loaded = StageTable::load(layers);
  EXPECT_EQ(problemsOf(loaded), "");
  EXPECT_EQ(loaded.table.find("a", "model")->from, "tosa");
  EXPECT_EQ(loaded.table.find("b", "model")->from, "a");
}

/// What `irlens config --print` shows can stand in a .irlens.json.
TEST(TableLayers, ItsOwnRowsMakeTheSameTable) {
  auto builtin = StageTable::builtin();
  ASSERT_TRUE(builtin) << builtin.error().message;
  std::string rows;
  for (const std::string &row : builtin->rows())
    rows += row + ",\n";
  LoadedTable loaded = load("{\"rows\": [" + rows + "]}");
  EXPECT_EQ(problemsOf(loaded), "");
  auto visible = [](const StageTable &table) {
    std::vector<std::string> list;
    for (const Stage &stage : table.stages())
      if (stage.stepOf.empty())
        list.push_back(fmt::format("{} {} {} {}", stage.origin, stage.id,
                                   stage.fileName(), stage.target));
    return list;
  };
  EXPECT_THAT(visible(loaded.table),
              testing::ElementsAreArray(visible(*builtin)));
}

struct BadRow {
  const char *name;
  const char *text;
  const char *problems;
};

class TableLayersRefuse : public testing::TestWithParam<BadRow> {};

TEST_P(TableLayersRefuse, AtItsPlace) {
  LoadedTable loaded = load(GetParam().text);
  EXPECT_EQ(problemsOf(loaded), GetParam().problems);
  EXPECT_NE(loaded.table.find("x86", "model"), nullptr);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, TableLayersRefuse,
    testing::Values(
        BadRow{"Syntax", "{\"rows\": [}",
               "1:11-1:12 expected a value, found "
               "`}`\n"},
        BadRow{"NoObject", "[]",
               "1:1-1:3 the file must hold one object: "
               "{...}\n"},
        BadRow{"Key", R"({"row": []})",
               "1:2-1:7 the configuration has no key `row`; did you mean "
               "`rows`?\n"},
        BadRow{
            "RowKey",
            R"({"rows": [{"id": "a", "frm": "fx", "from": "linalg", "steps": "opt"}]})",
            "1:23-1:28 a stage has no key `frm`; did you mean `from`?\n"},
        BadRow{"NoFrom", R"({"rows": [{"id": "a", "steps": "opt"}]})",
               "1:18-1:21 a stage needs `from`: what it is made from\n"},
        BadRow{"From",
               R"({"rows": [{"id": "a", "from": "linlag", "steps": "mlir-opt"},
 {"id": "b", "from": "a", "steps": "opt"}]})",
               "1:31-1:39 `from` names no stage and no origin: `linlag`; did "
               "you mean `linalg`?\n"},
        BadRow{"Circle",
               R"({"rows": [{"id": "a", "from": "a", "steps": "opt"}]})",
               "1:31-1:34 stage a is made from itself\n"},
        BadRow{
            "Tool",
            R"({"rows": [{"id": "a", "from": "linalg", "steps": "mlir-opt | mlir-translte --mlir-to-llvmir"}]})",
            "1:62-1:75 unknown tool `mlir-translte`; did you mean "
            "`mlir-translate`?\n"},
        BadRow{
            "Program",
            R"({"rows": [{"id": "a", "from": "linalg", "steps": "python3 x.py"}]})",
            "1:51-1:58 unknown tool `python3`; another program is "
            "{\"command\": [...]}\n"},
        BadRow{
            "Shell",
            R"({"rows": [{"id": "a", "from": "linalg", "steps": ["opt > x"]}]})",
            "1:56-1:57 files are not redirected here: a step gets the text "
            "of the one before. Where this belongs to an argument, put that "
            "in quotes\n"},
        BadRow{
            "Step",
            R"({"rows": [{"id": "a", "from": "linalg", "steps": [{"mlri": "cse"}]}]})",
            "1:52-1:58 unknown step `mlri`; did you mean `mlir`?\n"},
        BadRow{
            "StepValue",
            R"({"rows": [{"id": "a", "from": "linalg", "steps": [{"mlir": ["cse"]}]}]})",
            "1:60-1:67 `mlir` takes a string: a pass pipeline of MLIR\n"},
        BadRow{
            "OnlyPrepares",
            R"({"rows": [{"id": "a", "from": "linalg", "steps": [{"target": {}}]}]})",
            "1:50-1:66 nothing follows the last step, which only prepares "
            "another\n"},
        BadRow{
            "Format",
            R"({"rows": [{"id": "a", "from": "linalg", "format": "mlr", "steps": "opt"}]})",
            "1:51-1:56 unknown format `mlr`; did you mean `mlir`?\n"},
        BadRow{"ToolName", R"({"tools": {"mlir-op": "/x"}})",
               "1:12-1:21 unknown tool `mlir-op`; did you mean `mlir-opt`?\n"},
        BadRow{"Setting", R"({"settings": {"timeoutSecond": 3}})",
               "1:15-1:30 unknown setting irlens.timeoutSecond; did you mean "
               "irlens.timeoutSeconds?\n"},
        BadRow{"ClientSetting", R"({"settings": {"python": "/evil"}})",
               "1:15-1:23 `python` is a setting of the client, not of a "
               "folder\n"},
        BadRow{"StageName", R"({"settings": {"stages": ["fx", "linlag"]}})",
               "1:32-1:40 stages: there is no stage `linlag`; did you mean "
               "`linalg`?\n"},
        BadRow{"Target", R"({"settings": {"targets": {"nvptx": "sm80"}}})",
               "1:37-1:41 no stage has a target like `sm80`; did you mean "
               "`sm_90`?\n"}),
    [](const auto &info) { return std::string(info.param.name); });

constexpr const char *kPasses = R"json({"mlir": [
  {"name": "canonicalize", "description": "Canonicalize operations", "options": [{"name": "top-down", "description": ""}]},
  {"name": "cse", "description": "", "options": []}],
 "llvm": [{"name": "instcombine", "description": "", "options": []}]})json";

TEST(TableLayers, PassesAreCheckedWhereTheyAreKnown) {
  auto passes = PassRegistry::parse(kPasses);
  ASSERT_TRUE(passes);
  LoadedTable loaded = load(R"json({"rows": [
{"id": "a", "from": "linalg", "steps": [{"mlir": "builtin.module(func.func(canonicalise),cse)"}]},
{"id": "b", "from": "linalg", "steps": [{"mlir": "builtin.module(canonicalize{topdown=true})"}]},
{"id": "c", "from": "llvm-ir", "steps": [{"llvm": "function(instcombin<x>),default<O2>"}]},
{"id": "d", "from": "linalg", "steps": "mlir-opt --canonicalise --cse --allow-unregistered-dialect"},
{"id": "e", "from": "linalg", "steps": "mlir-opt '--pass-pipeline=builtin.module(csee)' --cse"}]})json",
                            true, &*passes);
  std::string problems;
  for (const Diagnostic &problem : loaded.problems)
    if (problem.pos.file == "/ws/.irlens.json")
      problems +=
          fmt::format("{}:{}-{} {}\n", problem.pos.line, problem.pos.column,
                      problem.end.column, problem.message);
  EXPECT_EQ(problems,
            "2:76-88 unknown pass `canonicalise`; did you mean "
            "`canonicalize`?\n"
            "3:79-86 `canonicalize` has no option `topdown`; did you mean "
            "`top-down`?\n"
            "4:61-71 unknown pass `instcombin`; did you mean `instcombine`?\n"
            "5:50-64 no pass is called `canonicalise`; did you mean "
            "`canonicalize`?\n"
            "6:50-88 unknown pass `csee`; did you mean `cse`?\n");
}

TEST(ConfigurationSchema, NamesWhatIsRead) {
  auto passes = PassRegistry::parse(kPasses);
  ASSERT_TRUE(passes);
  std::string text = configurationSchema(&*passes);
  Json schema = Json::parse(text);
  const Json &row = schema["properties"]["rows"]["items"];
  EXPECT_TRUE(row["properties"].contains("backend"));
  EXPECT_EQ(row["required"], Json({"id", "from", "steps"}));
  EXPECT_TRUE(text.contains("--canonicalize"));
  EXPECT_TRUE(text.contains("triton-llvm-opt"));
  const Json &settings = schema["properties"]["settings"]["properties"];
  EXPECT_TRUE(settings.contains("timeoutSeconds"));
  EXPECT_FALSE(settings.contains("python"));
}

TEST(Trust, CoversFoldersBelowAndIsRemembered) {
  irlens::test::TempFolder folder;
  std::filesystem::path memory = folder.path() / "state/irlens/trusted-folders";
  std::filesystem::create_directories(folder.path() / "ws/inner");
  Trust trust(memory);
  Settings settings;
  auto inner = std::filesystem::weakly_canonical(folder.path() / "ws/inner");
  EXPECT_FALSE(trust.covers(inner, settings));
  ASSERT_TRUE(trust.remember(folder.path() / "ws"));
  EXPECT_TRUE(trust.covers(inner, settings));
  EXPECT_FALSE(trust.covers(inner.parent_path().string() + "-other", settings));
  EXPECT_TRUE(Trust(memory).covers(inner.parent_path(), settings));
  Trust other(folder.path() / "none");
  settings.trustedFolders = {inner.parent_path().string()};
  EXPECT_TRUE(other.covers(inner, settings));
}

} // namespace
} // namespace irlens::engine

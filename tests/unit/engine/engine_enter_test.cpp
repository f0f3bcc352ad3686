// Files that hold an IR: no script is run, the file's text is a stage, and
// workers go on from it.
#include "engine/run/entering.h"
#include "engine/store/files.h"
#include "tests/unit/engine/engine_fixture.h"

#include <gmock/gmock.h>

namespace irlens::engine {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class EnterTest : public EngineTest {
protected:
  std::filesystem::path write(const std::string &name,
                              const std::string &text) {
    return installation_.folder.write("ws/" + name, text);
  }

  const StageState &stage(const FileState &file, const std::string &id) {
    return *file.entries.at(0).find(id);
  }
};

TEST_F(EnterTest, LowersFromTheStageThatTheTextIs) {
  auto path = write("net.mlir", "// linalg.add\nx\n");
  const FileState &file = lower(path, {"x86", "fx"});
  ASSERT_EQ(file.entries.size(), 1U);
  EXPECT_EQ(file.entries[0].name, "net");
  EXPECT_EQ(file.entries[0].origin, "ir");
  EXPECT_THAT(file.entries[0].given, ElementsAre("linalg"));
  for (const char *id : {"linalg", "llvm-dialect", "llvm-ir", "x86"})
    EXPECT_EQ(stage(file, id).status, StageStatus::Ok) << id;
  EXPECT_THAT(installation_.requests(),
              ElementsAre("lower net llvm-dialect,llvm-ir,llvm-ir-opt,x86"));
  EXPECT_THAT(file.diagnostics, IsEmpty());
}

TEST_F(EnterTest, AKernelsFileIsNamedAfterTheKernel) {
  auto path =
      write("copy.ttir", "module {\n  tt.func public @squash(%x: i32) {\n");
  const FileState &file = lower(path, {"ttgir"});
  ASSERT_EQ(file.entries.size(), 1U);
  EXPECT_EQ(file.entries[0].name, "squash");
  EXPECT_EQ(file.entries[0].line, 2);
  const FileState &ptx =
      lower(write("k.ptx", ".version 8.7\n.visible .entry add_1(\n"), {"ptx"});
  EXPECT_EQ(ptx.entries.at(0).name, "add_1");
}

TEST_F(EnterTest, HasOnlyWhatCanBeMadeFromItsText) {
  const FileState &file = lower(write("net.mlir", "// linalg.add\n"), {});
  for (const char *id : {"fx", "torch", "tosa", "output", "check", "mlir"})
    EXPECT_EQ(file.entries[0].find(id), nullptr) << id;
  EXPECT_EQ(stage(file, "nvptx").status, StageStatus::NotAsked);
  EXPECT_THAT(installation_.requests(),
              ElementsAre("lower net llvm-dialect,llvm-ir"));
}

TEST_F(EnterTest, ShowsTheTextAsItIsAndLinksItToItself) {
  std::string text = "// linalg.add\n\n%0 = x loc(\"a.py\":3:1)\n";
  auto path = write("net.mlir", text);
  const FileState &file = lower(path, {"linalg"});
  const Artifact &given = *stage(file, "linalg").good;
  EXPECT_EQ(readFile(given.document), text);
  EXPECT_EQ(given.links->source(3), (SourcePos{path.string(), 3, 0}));
  EXPECT_THAT(given.links->irLines(path.string(), 1), ElementsAre(1));
  EXPECT_THAT(installation_.requests(), IsEmpty());
}

TEST_F(EnterTest, AnUnknownDialectIsShown) {
  const FileState &file = lower(write("own.mlir", "my.op\n"), {});
  EXPECT_THAT(file.entries[0].given, ElementsAre("mlir"));
  EXPECT_EQ(stage(file, "mlir").status, StageStatus::Ok);
  EXPECT_THAT(installation_.requests(), IsEmpty());
}

TEST_F(EnterTest, AFailureBelowIsOneOfTheStage) {
  auto path = write("net.mlir", "// linalg.add\nfail llvm-dialect\n");
  const FileState &file = lower(path, {"llvm-ir"});
  EXPECT_EQ(stage(file, "linalg").status, StageStatus::Ok);
  EXPECT_EQ(stage(file, "llvm-dialect").status, StageStatus::Failed);
  EXPECT_EQ(stage(file, "llvm-ir").blockedBy, "llvm-dialect");
}

TEST_F(EnterTest, TheStoreHasItAfterwards) {
  auto path = write("net.mlir", "// linalg.add\n");
  lower(path, {"llvm-ir"});
  restart();
  const FileState &file = lower(path, {"llvm-ir"});
  EXPECT_TRUE(file.cached);
  EXPECT_EQ(stage(file, "llvm-ir").status, StageStatus::Ok);
  EXPECT_EQ(installation_.requests().size(), 1U);
}

TEST_F(EnterTest, AnEditedFileMayEnterElsewhere) {
  auto path = write("net.mlir", "// linalg.add\n");
  lower(path, {"linalg"});
  write("net.mlir", "// tosa.add\n");
  const FileState &file = lower(path, {"linalg", "tosa"});
  ASSERT_EQ(file.entries.size(), 1U);
  EXPECT_THAT(file.entries[0].given, ElementsAre("tosa"));
  EXPECT_EQ(stage(file, "tosa").status, StageStatus::Ok);
  EXPECT_EQ(file.entries[0].find("linalg"), nullptr);
}

TEST_F(EnterTest, TheEntryHasASafeName) {
  const FileState &file = lower(write("my net (1).mlir", "x\n"), {});
  EXPECT_EQ(file.entries[0].name, "my_net__1_");
}

TEST_F(EnterTest, BitcodeIsTranslatedByAWorker) {
  auto path = write("code.bc", "BC\xC0\xDE\nsay llvm-ir hm\n");
  const FileState &file = lower(path, {"x86"});
  EXPECT_THAT(installation_.requests(),
              ElementsAre("lower code llvm-ir", "lower code llvm-ir-opt,x86"));
  EXPECT_EQ(stage(file, "x86").status, StageStatus::Ok);
  EXPECT_EQ(file.text, "") << "nothing in it is a line";
}

TEST_F(EnterTest, WhatToolsSayIsKept) {
  auto path = write("net.mlir", "// linalg.add\nsay llvm-dialect hm\n");
  const FileState &file = lower(path, {"llvm-ir"});
  EXPECT_EQ(stage(file, "llvm-dialect").said, "hm\n");
  EXPECT_EQ(stage(file, "llvm-ir").said, "");
}

TEST_F(EnterTest, WhatAProgramPrintsEnters) {
  std::string text = "# linalg.add\nprint auto\n";
  auto path = write("generator.py", text);
  const FileState &file = lower(path, {"llvm-ir", "fx"});
  ASSERT_EQ(file.entries.size(), 1U);
  EXPECT_EQ(file.entries[0].name, "generator");
  EXPECT_EQ(file.entries[0].line, 2) << "where the program says so";
  EXPECT_THAT(file.entries[0].given, ElementsAre("linalg"));
  EXPECT_EQ(stage(file, "llvm-ir").status, StageStatus::Ok);
  EXPECT_THAT(installation_.requests(),
              ElementsAre("capture torch,linalg,fx",
                          "lower generator llvm-dialect,llvm-ir"));
  EXPECT_TRUE(stage(file, "linalg").good->links->empty())
      << "no line of the text is one of the program";
  restart();
  lower(path, {"llvm-ir"});
  EXPECT_EQ(installation_.requests().size(), 2U);
}

TEST(EnterPoint, OfAPrintedTextFollowsFromWhatItIs) {
  auto table = StageTable::builtin();
  ASSERT_TRUE(table) << table.error().message;
  auto stageOf = [&](const char *level, const char *text) {
    auto point = enterPoint(*table, {"", level, 1}, text);
    return point ? point->at->stages.at(0) : "nothing";
  };
  EXPECT_EQ(stageOf("auto", "define void @f() {\n"), "llvm-ir");
  EXPECT_EQ(stageOf("auto", "module {\n  tosa.add\n}"), "tosa");
  EXPECT_EQ(stageOf("llvm", "; nothing"), "llvm-ir");
  EXPECT_EQ(stageOf("mlir", "llvm.func @define ()"), "llvm-dialect");
  EXPECT_EQ(stageOf("ttir", "tt.func @k()"), "ttir");
}

struct Place {
  const char *file;
  const char *text;
  const char *origin;
  const char *stage;
};

class EnterPointTest : public testing::TestWithParam<Place> {};

TEST_P(EnterPointTest, FollowsFromExtensionAndText) {
  auto table = StageTable::builtin();
  ASSERT_TRUE(table) << table.error().message;
  auto point = enterPoint(*table, GetParam().file, GetParam().text);
  ASSERT_TRUE(point);
  EXPECT_EQ(point->origin->id, GetParam().origin);
  EXPECT_THAT(point->at->stages, ElementsAre(GetParam().stage));
}

INSTANTIATE_TEST_SUITE_P(
    Files, EnterPointTest,
    testing::Values(
        Place{"a.mlir", "linalg.matmul ins(%a : tensor<4xf32>)", "ir",
              "linalg"},
        Place{"a.mlir", "func.func @f(%a: tensor<4xf32>)", "ir", "linalg"},
        Place{"a.mlir", "torch.aten.relu : !torch.vtensor", "ir", "torch"},
        Place{"a.mlir", "tosa.add : tensor<4xf32>", "ir", "tosa"},
        Place{"a.mlir", "stablehlo.add : tensor<4xf32>", "ir", "stablehlo"},
        Place{"a.mlir", "gpu.module @k { gpu.func }", "ir", "gpu"},
        Place{"a.mlir", "llvm.func @f()", "ir", "llvm-dialect"},
        Place{"a.mlir", "mine.op", "ir", "mlir"},
        Place{"a.mlir", "", "ir", "mlir"},
        Place{"a.ll", "define void @f()", "ir", "llvm-ir"},
        Place{"a.bc", "BC\xC0\xDE", "ir", "llvm-ir"},
        Place{"a.mlir", "tt.func @k()", "triton-ir", "ttir"},
        Place{"a.mlir", "module attributes {\"ttg.num-warps\" = 4} tt.func",
              "triton-ir", "ttgir"},
        Place{"a.ttir", "", "triton-ir", "ttir"},
        Place{"a.ttgir", "", "triton-ir", "ttgir"},
        Place{"a.ptx", "", "triton-ir", "ptx"}));

TEST(EnterPoint, OtherFilesDoNotEnter) {
  auto table = StageTable::builtin();
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_FALSE(enterPoint(*table, "a.py", "linalg."));
  EXPECT_FALSE(enterPoint(*table, "a", "linalg."));
  EXPECT_FALSE(mayEnter(*table, "a.pt2"));
}

} // namespace
} // namespace irlens::engine

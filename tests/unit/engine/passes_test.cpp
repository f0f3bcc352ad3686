// What a worker has recorded of a stage's passes, read by somebody who takes
// nothing of it for granted.
#include "engine/run/passes.h"

#include "engine/store/files.h"
#include "tests/support/temp_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace irlens::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr const char *kText = R"(#loc1 = loc("/ws/k.py":7:3)
module {
  %0 = arith.constant 1 : i32 loc(#loc1)
}
)";

class PassesTest : public testing::Test {
protected:
  PassesTest() {
    files_.run = folder_.path();
    files_.source = "/ws/k.py";
    files_.entry = "add";
    files_.stage.id = files_.stage.base = "ttgir";
    files_.stage.recordsPasses = true;
  }

  void write(const std::string &name, std::string_view text) {
    folder_.write("add/ttgir.passes/" + name, text);
  }

  std::vector<std::string> names() {
    std::vector<std::string> all;
    for (const Pass &pass : readPasses(files_))
      all.push_back(pass.name);
    return all;
  }

  irlens::test::TempFolder folder_;
  StageFiles files_;
};

TEST_F(PassesTest, NothingWasRecorded) {
  EXPECT_FALSE(hasPasses(files_));
  EXPECT_THAT(readPasses(files_), IsEmpty());
}

TEST_F(PassesTest, ReadsTheListInItsOrder) {
  write("passes.json",
        R"({"passes":[
{"index":0,"name":"input","format":"mlir","ms":0,"changed":true,"ops":31,"file":"000-input.raw"},
{"index":1,"name":"ttgpuir.coalesce","format":"llvm","ms":1.25,"changed":false,"ops":30,"file":"000-input.raw"},
{"index":2,"name":"ttgpuir.broken","format":"mlir","ms":1,"changed":false,"failed":true,"ops":-1,"file":"000-input.raw"}
]})");
  EXPECT_TRUE(hasPasses(files_));
  auto passes = readPasses(files_);
  ASSERT_THAT(passes, SizeIs(3));
  EXPECT_FALSE(passes[1].failed);
  EXPECT_TRUE(passes[2].failed);
  EXPECT_THAT(passLine(files_.stage, passes[0]), HasSubstr(" * "));
  EXPECT_THAT(passLine(files_.stage, passes[1]), HasSubstr(" = "));
  EXPECT_THAT(passLine(files_.stage, passes[2]), HasSubstr(" failed  "));
  EXPECT_EQ(passes[0].index, 0);
  EXPECT_EQ(passes[0].format, TextFormat::Mlir);
  EXPECT_TRUE(passes[0].changed);
  EXPECT_EQ(passes[0].operations, 31);
  EXPECT_EQ(passes[1].name, "ttgpuir.coalesce");
  EXPECT_EQ(passes[1].format, TextFormat::Llvm);
  EXPECT_EQ(passes[1].ms, 1.25);
  EXPECT_FALSE(passes[1].changed);
  EXPECT_EQ(passes[1].file, "000-input.raw");
}

TEST_F(PassesTest, TextsThatAreNoListAreNone) {
  for (const char *text :
       {"", "{", "[]", "null", "{}", R"({"passes":7})", R"({"passes":{}})",
        R"({"passes":[7,null,"x",[]]})", "\xff\xfe"}) {
    write("passes.json", text);
    EXPECT_TRUE(hasPasses(files_)) << text;
    EXPECT_THAT(readPasses(files_), IsEmpty()) << text;
  }
}

TEST_F(PassesTest, RowsWithoutSenseAreLeftOut) {
  write("passes.json",
        R"({"passes":[
{"index":0,"name":"good","file":"000-good.raw"},
{"index":0,"name":"same index","file":"000-good.raw"},
{"index":"1","name":"index is text","file":"000-good.raw"},
{"index":-1,"name":"index is negative","file":"000-good.raw"},
{"index":1e300,"name":"index is huge","file":"000-good.raw"},
{"name":"no index","file":"000-good.raw"},
{"index":2,"name":"","file":"000-good.raw"},
{"index":3,"name":["no","text"],"file":"000-good.raw"},
{"index":4,"name":"no file"},
{"index":5,"name":"elsewhere","file":"../../secret.raw"},
{"index":6,"name":"hidden","file":".raw"},
{"index":7,"name":"not raw","file":"passes.json"},
{"index":8,"name":"wrong\nkinds","file":"008.raw","ms":"1","changed":1,"ops":1e99,"format":7}
]})");
  EXPECT_THAT(names(), ElementsAre("good", "wrong kinds"));
  Pass last = readPasses(files_).back();
  EXPECT_EQ(last.ms, 0);
  EXPECT_FALSE(last.changed);
  EXPECT_EQ(last.operations, -1);
  EXPECT_EQ(last.format, TextFormat::Plain);
}

TEST_F(PassesTest, ADocumentAndItsLinks) {
  write("000-input.raw", kText);
  Pass pass;
  pass.format = TextFormat::Mlir;
  pass.file = "000-input.raw";
  for (int time : {1, 2}) { // Made, then read.
    auto artifact = passArtifact(files_, pass);
    ASSERT_TRUE(artifact) << artifact.error().message;
    auto text = readFile((*artifact)->document);
    ASSERT_TRUE(text);
    EXPECT_THAT(*text, HasSubstr("arith.constant")) << time;
    EXPECT_THAT(*text, Not(HasSubstr("loc("))) << time;
    int line = text->starts_with("module") ? 2 : 3;
    EXPECT_EQ((*artifact)->links->source(line).file, "/ws/k.py") << time;
    EXPECT_EQ((*artifact)->links->source(line).line, 7) << time;
    EXPECT_EQ((*artifact)->bytes, text->size()) << time;
  }
}

TEST_F(PassesTest, APassThatChangedNothingSharesTheText) {
  write("000-input.raw", kText);
  write("passes.json",
        R"({"passes":[
{"index":0,"name":"input","format":"mlir","file":"000-input.raw"},
{"index":1,"name":"same","format":"mlir","file":"000-input.raw"},
{"index":2,"name":"lost","format":"mlir","file":"002-lost.raw"}]})");
  auto passes = loadPasses(files_);
  ASSERT_THAT(passes, SizeIs(3));
  ASSERT_NE(passes[0].artifact, nullptr);
  EXPECT_EQ(passes[0].artifact, passes[1].artifact);
  EXPECT_EQ(passes[2].artifact, nullptr);
}

TEST_F(PassesTest, NamesOfDocumentsAreSafe) {
  Pass pass;
  pass.index = 7;
  pass.name = "a b/../c{x=1}";
  pass.format = TextFormat::Mlir;
  EXPECT_EQ(passFileName(files_.stage, pass),
            "ttgir.passes.007-a-b-..-c-x-1-.mlir");
  EXPECT_EQ(passListName(files_.stage), "ttgir.passes.txt");
  EXPECT_THAT(passLine(files_.stage, pass), HasSubstr("ttgir"));
}

} // namespace
} // namespace irlens::engine

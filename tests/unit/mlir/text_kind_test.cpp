// What a text is (ir_lowering/mlir/text_kind.h).
#include "ir_lowering/mlir/text_kind.h"

#include <gtest/gtest.h>

namespace irlens::mlir_worker {
namespace {

using namespace std::string_literals;

TEST(TextKind, IsJudgedByTheFirstLineThatTells) {
  EXPECT_EQ(formatOfText("; ModuleID = '<stdin>'\n"), "llvm");
  EXPECT_EQ(formatOfText("\n@g = global i32 0\n"), "llvm");
  EXPECT_EQ(formatOfText("%s = type { i32 }\n"), "llvm");
  EXPECT_EQ(formatOfText("!0 = !{i32 1}\n"), "llvm");
  EXPECT_EQ(formatOfText("// a comment\n#map = affine_map<() -> ()>\n"),
            "mlir");
  EXPECT_EQ(formatOfText("  func.func @f() {\n"), "mlir");
  EXPECT_EQ(formatOfText("!t = !llvm.struct<(i32)>\n"), "mlir");
  EXPECT_EQ(formatOfText("\t.text\n\t.file\t\"x\"\n"), "asm");
  EXPECT_EQ(formatOfText("//\n.version 7.8\n.target sm_80\n"), "asm");
  EXPECT_EQ(formatOfText("\tOpCapability Kernel\n"), "spirv");
  EXPECT_EQ(formatOfText("int main() { return 0; }\n"), "text");
  EXPECT_EQ(formatOfText(""), "text");
}

TEST(TextKind, KnowsBinaryForms) {
  EXPECT_TRUE(isBitcode("BC\xC0\xDE rest"));
  EXPECT_TRUE(isMlirBytecode("ML\xEFR rest"));
  EXPECT_TRUE(isBinary("\x7f"s + "ELF\2\1\1\0"s));
  EXPECT_FALSE(isBinary("\tgr\xC3\xBC\xC3\x9F\x65\r\n"));
}

TEST(TextKind, DumpsAHeadAndSaysWhatIsLeftOut) {
  EXPECT_EQ(hexDump("\0\1Az\x80"s, 5),
            "00000000  00 01 41 7a 80                                   "
            "|..Az.|\n");
  std::string dump = hexDump(std::string(5000, 'a'), 1 << 20);
  EXPECT_NE(dump.find("00000ff0  61"), std::string::npos);
  EXPECT_TRUE(dump.ends_with("... 1044480 more bytes\n"));
}

} // namespace
} // namespace irlens::mlir_worker

// Rows of the stage table for one job (ir_lowering/mlir/stage_rows.h).
#include "ir_lowering/mlir/stage_rows.h"

#include <gtest/gtest.h>

namespace irlens::mlir_worker {
namespace {

constexpr std::string_view kTable = R"({"stages": [
  {"id": "ir", "from": "source", "format": "llvm", "steps": [{"capture": "ir"}]},
  {"id": "ptx", "from": "ir", "format": "asm", "target": "sm_90",
   "steps": [{"target": {"cpu": "{target}", "triple": "a-{target}-{target}"}}]},
  {"id": "sass", "from": "ptx", "format": "asm", "steps": [{"x": "{target}"}]},
  {"id": "loop", "from": "loop", "format": "asm", "steps": [{"x": ""}]}
]})";

TEST(StageRows, LeadFromSourceToGoal) {
  auto rows = rowsBetween(kTable, "ir", "sass", {});
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 2u);
  EXPECT_EQ((*rows)[0].id, "ptx");
  EXPECT_EQ((*rows)[1].id, "sass");
}

TEST(StageRows, TargetsReplaceTheirMark) {
  auto rows = rowsBetween(kTable, "ir", "sass", {{"sass", "{target}!"}});
  ASSERT_TRUE(rows);
  EXPECT_EQ((*rows)[0].steps[0]["target"]["triple"], "a-sm_90-sm_90");
  EXPECT_EQ((*rows)[1].steps[0]["x"], "{target}!");
}

TEST(StageRows, Errors) {
  using engine::ErrorCode;
  EXPECT_EQ(rowsBetween("{", "a", "b", {}).error().code,
            ErrorCode::InvalidConfig);
  EXPECT_EQ(rowsBetween("[]", "a", "b", {}).error().code, ErrorCode::NotFound);
  EXPECT_EQ(rowsBetween(kTable, "ir", "none", {}).error().code,
            ErrorCode::NotFound);
  EXPECT_EQ(rowsBetween(kTable, "sass", "ptx", {}).error().code,
            ErrorCode::NotFound);
  EXPECT_EQ(rowsBetween(kTable, "ir", "loop", {}).error().code,
            ErrorCode::InvalidConfig);
}

TEST(StageRows, BuiltinTableReachesEveryTarget) {
  for (const char *stage :
       {"llvm-ir-opt", "x86", "aarch64", "nvptx", "amdgcn", "spirv"})
    EXPECT_TRUE(rowsBetween(builtinPipelines(), "linalg", stage, {})) << stage;
}

} // namespace
} // namespace irlens::mlir_worker

// Registries of passes, read from what they print
// (ir_lowering/mlir/pass_help.h).
#include "ir_lowering/mlir/pass_help.h"

#include <gtest/gtest.h>

namespace irlens::mlir_worker {
namespace {

TEST(PassHelp, ReadsNamesDescriptionsAndOptions) {
  auto passes = readPassHelp(
      "Passes:\n"
      "  --acc-implicit-routine      -   Generate acc routine - for functions\n"
      "    --device-type=<value>     - Target device type\n"
      "    =none                     -   none\n"
      "  --canonicalize              -   Canonicalize operations\n");
  ASSERT_EQ(passes.size(), 2U);
  EXPECT_EQ(passes[0].name, "acc-implicit-routine");
  EXPECT_EQ(passes[0].description, "Generate acc routine - for functions");
  ASSERT_EQ(passes[0].options.size(), 1U);
  EXPECT_EQ(passes[0].options[0].name, "device-type");
  EXPECT_EQ(passes[0].options[0].description, "Target device type");
  EXPECT_TRUE(passes[1].options.empty());
  EXPECT_TRUE(readPassHelp("").empty());
}

TEST(PassHelp, ReadsLlvmsNames) {
  std::vector<std::string> names = {"gvn", "loop-unroll"};
  EXPECT_EQ(readLlvmPassNames("Function passes:\n  loop-unroll\n"
                              "Function passes with params:\n"
                              "  gvn<no-pre;pre>\n  loop-unroll<O0;O1>\n"),
            names);
}

} // namespace
} // namespace irlens::mlir_worker

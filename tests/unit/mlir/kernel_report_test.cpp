// What is read about kernels from assembly and from ptxas
// (ir_lowering/mlir/kernel_report.h).
#include "ir_lowering/mlir/kernel_report.h"

#include <gtest/gtest.h>

namespace irlens::mlir_worker {
namespace {

TEST(KernelReport, CountsTheInstructionsOfEachEntry) {
  auto kernels = kernelsOfAssembly(".version 8.8\n"
                                   ".visible .entry one(\n"
                                   "\t.param .u64 one_param_0\n"
                                   ")\n"
                                   "{\n"
                                   "\t.reg .b32 \t%r<2>;\n"
                                   "\tld.param.b64 \t%rd1, [one_param_0];\n"
                                   "$L__BB0_1:\n"
                                   "\t@%p1 bra \t$L__BB0_1;\n"
                                   "\tret;\n"
                                   "}\n"
                                   ".func helper()\n{\n\tret;\n}\n"
                                   ".entry two(\n)\n{\n\tret;\n}\n");
  EXPECT_EQ(toJson(kernels).dump(),
            R"([{"facts":[["instructions",3]],"name":"one"},)"
            R"({"facts":[["instructions",1]],"name":"two"}])");
}

constexpr std::string_view kAmd =
    "\t.amdgcn_target \"amdgcn-amd-amdhsa--gfx942\"\n"
    "helper:\n"
    "\ts_setpc_b64 s[30:31]\n"
    ".Lfunc_end0:\n"
    "one:                                    ; @one\n"
    "; %bb.0:\n"
    "\ts_load_dwordx2 s[2:3], s[0:1], 0x0\n"
    "\ts_endpgm\n"
    "\t.amdhsa_kernel one\n"
    "\t\t.amdhsa_next_free_vgpr 6\n"
    ".Lfunc_end1:\n"
    "; Occupancy: 8\n"
    "\t.amdgpu_metadata\n"
    "---\n"
    "amdhsa.kernels:\n"
    "  - .agpr_count:     0\n"
    "    .args:\n"
    "      - .name:           argument\n"
    "        .vgpr_count:     99\n"
    "    .group_segment_fixed_size: 64\n"
    "    .name:           one\n"
    "    .sgpr_count:     10\n"
    "    .sgpr_spill_count: 0\n"
    "    .vgpr_count:     6\n"
    "    .vgpr_spill_count: 2\n"
    "amdhsa.target:   amdgcn-amd-amdhsa--gfx942\n";

TEST(KernelReport, ReadsTheMetadataOfAmd) {
  EXPECT_EQ(toJson(kernelsOfAssembly(kAmd)).dump(),
            R"([{"facts":[["instructions",2],["VGPRs",6],["SGPRs",10],)"
            R"(["spilled VGPRs",2],["bytes shared",64],)"
            R"(["waves per SIMD",8]],"name":"one"}])");
}

TEST(KernelReport, TextsThatAreCutGiveWhatIsThere) {
  for (std::size_t size = 0; size < kAmd.size(); ++size)
    EXPECT_LE(kernelsOfAssembly(kAmd.substr(0, size)).size(), 1U);
  EXPECT_TRUE(kernelsOfAssembly("").empty());
  EXPECT_EQ(kernelsOfAssembly(".entry one(\n{\n\tret;\n").size(), 1U);
}

TEST(KernelReport, ReadsWhatPtxasSays) {
  auto facts = factsFromPtxas(
      "ptxas info    : 0 bytes gmem\n"
      "ptxas info    : Compiling entry function 'one' for 'sm_90'\n"
      "ptxas info    : Function properties for one\n"
      "    16 bytes stack frame, 8 bytes spill stores, 4 bytes spill loads\n"
      "ptxas info    : Used 255 registers, used 0 barriers, 64 bytes smem\n"
      "ptxas info    : Compile time = 1.0 ms\n"
      "ptxas info    : Compiling entry function 'two' for 'sm_90'\n"
      "ptxas info    : Used 4 registers, used 0 barriers\n");
  ASSERT_EQ(facts.size(), 2U);
  EXPECT_EQ(facts["one"], (KernelFacts{{"registers", 255},
                                       {"bytes spilled", 12},
                                       {"bytes shared", 64}}));
  EXPECT_EQ(facts["two"],
            (KernelFacts{
                {"registers", 4}, {"bytes spilled", 0}, {"bytes shared", 0}}));
  EXPECT_TRUE(factsFromPtxas("ptxas info    : Used 4 registers\n").empty());
}

TEST(KernelReport, FindsWhatPtxasRefuses) {
  EXPECT_EQ(
      errorsOfPtxas("ptxas /proc/self/fd/5, line 8; error   : Unknown '.glob'\n"
                    "ptxas fatal   : Ptx assembly aborted due to errors\n"
                    "ptxas warning : something\n"),
      (std::vector<std::string>{"line 8: Unknown '.glob'",
                                "Ptx assembly aborted due to errors"}));
}

TEST(KernelReport, SurvivesJson) {
  std::vector<KernelReport> kernels = {
      {"one", {{"registers", 24}, {"block", "32 x 8"}}}, {"two", {}}};
  auto back = kernelsFromJson(toJson(kernels));
  ASSERT_EQ(back.size(), 2U);
  EXPECT_EQ(back[0].name, "one");
  EXPECT_EQ(back[0].facts, kernels[0].facts);
}

} // namespace
} // namespace irlens::mlir_worker

// Where the kernels of a document begin (engine/text/kernels.h).
#include "engine/text/kernels.h"

#include <gtest/gtest.h>

namespace irlens::engine {
namespace {

/// "line name" of each kernel.
std::vector<std::string> places(TextFormat format, std::string_view text) {
  std::vector<std::string> found;
  for (const KernelPlace &place : findKernels(format, text))
    found.push_back(std::to_string(place.line) + " " + place.name);
  return found;
}

using Places = std::vector<std::string>;

TEST(Kernels, OfMlirAreGpuFunctionsThatSaySo) {
  EXPECT_EQ(places(TextFormat::Mlir,
                   "func.func @main() {\n"
                   "  gpu.launch_func @kernels::@main_add_0 kernel\n"
                   "  gpu.module @kernels {\n"
                   "    gpu.func @main_add_0(%a: memref<8xf32>) kernel {\n"
                   "    gpu.func @helper(%a: f32) -> f32 {\n"
                   "    gpu.func @\"odd name\"() kernel attributes {} {\n"),
            (Places{"4 main_add_0", "6 odd name"}));
}

TEST(Kernels, OfLlvmIrHaveACallingConvention) {
  EXPECT_EQ(places(TextFormat::Llvm,
                   "declare ptx_kernel void @elsewhere()\n"
                   "define ptx_kernel void @one(ptr %a) {\n"
                   "define internal amdgpu_kernel void @two.3() #0 {\n"
                   "define float @ptx_kernel (float %x) {\n"),
            (Places{"2 one", "3 two.3"}));
}

TEST(Kernels, OfPtxAreEntries) {
  EXPECT_EQ(places(TextFormat::Asm, ".target sm_90\n"
                                    "// .visible .entry commented(\n"
                                    ".func helper(\n"
                                    ".visible .entry main_matmul_0(\n"
                                    "\t.entry local_one(\n"),
            (Places{"4 main_matmul_0", "5 local_one"}));
}

TEST(Kernels, OfAmdgcnHaveADescriptor) {
  EXPECT_EQ(places(TextFormat::Asm,
                   "\t.amdgcn_target \"amdgcn-amd-amdhsa--gfx942\"\n"
                   "helper:\n"
                   "main_1:                  ; @main_1\n"
                   "\ts_endpgm\n"
                   "\t.amdhsa_kernel main_1\n"
                   "main_1:\n"),
            (Places{"3 main_1"}));
}

TEST(Kernels, OtherTextsHaveNone) {
  EXPECT_EQ(places(TextFormat::Fx, ".visible .entry f(\n"), Places{});
  EXPECT_EQ(places(TextFormat::Mlir, ""), Places{});
  EXPECT_EQ(places(TextFormat::Mlir, "gpu.func @\"cut kernel"),
            (Places{"1 cut kernel"}));
  EXPECT_EQ(places(TextFormat::Asm, "main:\n\tret\n"), Places{});
}

} // namespace
} // namespace irlens::engine

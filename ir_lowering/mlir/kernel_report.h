// What is known about the kernels of a stage, for the lenses above them:
// `kernels` in <stage>.json (PROTOCOL.md). Pure functions over assembly texts
// and tool outputs; knows no compiler.
#pragma once

#include "ir_lowering/worker/report.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace irlens::mlir_worker {

/// By kernel.
using FactsOfKernels = std::map<std::string, KernelFacts, std::less<>>;

/// Lines of assembly that are instructions.
std::int64_t countInstructionLines(std::string_view assembly);

/// The kernels of a PTX or AMDGCN text with their instructions.
std::vector<KernelReport> kernelsOfAssembly(std::string_view assembly);

/// Registers, spills and shared memory from the output of `ptxas -v`.
FactsOfKernels factsFromPtxas(std::string_view output);
/// What ptxas calls an error, without the path of its input.
std::vector<std::string> errorsOfPtxas(std::string_view output);

} // namespace irlens::mlir_worker

// What is known about the kernels of a stage, for the lenses above them:
// `kernels` in <stage>.json (PROTOCOL.md). Pure functions over assembly texts
// and tool outputs; knows no compiler.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace irlens::mlir_worker {

/// A label and a number or a text, in the order in which people read them.
using KernelFact = std::pair<std::string, nlohmann::json>;
using KernelFacts = std::vector<KernelFact>;

struct KernelReport {
  std::string name;
  KernelFacts facts;
};

/// By kernel.
using FactsOfKernels = std::map<std::string, KernelFacts, std::less<>>;

/// "kernels": [{"name", "facts": [[label, value], ...]}, ...]
nlohmann::json toJson(const std::vector<KernelReport> &kernels);
std::vector<KernelReport> kernelsFromJson(const nlohmann::json &value);

/// Lines of assembly that are instructions.
std::int64_t countInstructionLines(std::string_view assembly);

/// The kernels of a PTX or AMDGCN text with their instructions.
std::vector<KernelReport> kernelsOfAssembly(std::string_view assembly);

/// Registers, spills and shared memory from the output of `ptxas -v`.
FactsOfKernels factsFromPtxas(std::string_view output);
/// What ptxas calls an error, without the path of its input.
std::vector<std::string> errorsOfPtxas(std::string_view output);

} // namespace irlens::mlir_worker

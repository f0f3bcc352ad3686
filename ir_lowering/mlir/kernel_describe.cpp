// The kernels of the module that a stage process holds, for its report. What a
// stage does not know any more is remembered in the session from the stage that
// it was forked from: how kernels are launched stands in host code only.
#include "ir_lowering/mlir/steps.h"

#include <fmt/format.h>
#include <mlir/Dialect/GPU/IR/GPUDialect.h>
#include <mlir/Dialect/Utils/StaticValueUtils.h>

namespace irlens::mlir_worker {

namespace {

/// "8 x 4", without trailing ones; empty when it is known at run time only.
std::string sizeOf(const mlir::gpu::KernelDim3 &dims) {
  std::string text;
  std::size_t last = 0;
  for (mlir::Value dim : {dims.x, dims.y, dims.z}) {
    auto size = mlir::getConstantIntValue(dim);
    if (!size)
      return "";
    text += fmt::format("{}{}", text.empty() ? "" : " x ", *size);
    if (*size != 1 || last == 0)
      last = text.size();
  }
  return text.substr(0, last);
}

KernelFacts factsOf(mlir::gpu::LaunchFuncOp launch) {
  KernelFacts facts;
  for (auto [label, dims] :
       {std::pair("grid", launch.getGridSizeOperandValues()),
        std::pair("block", launch.getBlockSizeOperandValues())})
    if (std::string size = sizeOf(dims); !size.empty())
      facts.emplace_back(label, size);
  return facts;
}

std::vector<KernelReport> kernelsOfMlir(mlir::ModuleOp module) {
  std::vector<KernelReport> kernels;
  module.walk([&](mlir::gpu::GPUFuncOp function) {
    if (!function.isKernel())
      return;
    std::int64_t count = -1; // The function itself is an operation.
    function.walk([&](mlir::Operation *) { ++count; });
    kernels.push_back({function.getName().str(), {{"ops", count}}});
  });
  return kernels;
}

std::vector<KernelReport> kernelsOf(const Session &session) {
  if (!session.assembly.empty())
    return kernelsOfAssembly(session.assembly.str());
  if (!session.llvmModule && session.mlirModule)
    return kernelsOfMlir(session.mlirModule.get());
  return {};
}

void append(KernelFacts &facts, const FactsOfKernels &more,
            const std::string &kernel) {
  if (auto found = more.find(kernel); found != more.end())
    facts.insert(facts.end(), found->second.begin(), found->second.end());
}

} // namespace

void rememberLaunches(Session &session) {
  if (!session.mlirModule || session.llvmModule)
    return;
  session.mlirModule.get()->walk([&](mlir::gpu::LaunchFuncOp launch) {
    session.launches[launch.getKernelName().str()] = factsOf(launch);
  });
}

std::vector<KernelReport> describeKernels(const Session &session) {
  std::vector<KernelReport> kernels = kernelsOf(session);
  for (KernelReport &kernel : kernels) {
    append(kernel.facts, session.launches, kernel.name);
    append(kernel.facts, session.assembled, kernel.name);
  }
  return kernels;
}

} // namespace irlens::mlir_worker

#include "ir_lowering/mlir/list_passes.h"

#include "ir_lowering/mlir/compiler.h"
#include "ir_lowering/mlir/pass_help.h"
#include "ir_lowering/mlir/tool_run.h"
#include "ir_lowering/worker/process.h"

#include <fmt/format.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/CommandLine.h>
#include <llvm/Support/raw_ostream.h>
#include <mlir/Pass/PassRegistry.h>
#include <nlohmann/json.hpp>

namespace irlens::mlir_worker {

namespace {

using nlohmann::json;

/// Pipelines have names of their own, which MLIR prints nowhere; its command
/// line has an option for each.
void printPipelines() {
  mlir::PassPipelineCLParser options("", "");
  for (const auto &option : llvm::cl::getRegisteredOptions())
    if (mlir::PassPipelineInfo::lookup(option.first))
      llvm::outs() << "  --" << option.first << "  -  a pass pipeline\n";
}

/// MLIR prints to standard output only, hence a process of its own.
std::string mlirHelp() {
  Descriptor file = makeMemoryFile("irlens-passes");
  ToolRun run = runTool({.function =
                             [] {
                               mlir::printRegisteredPasses();
                               printPipelines();
                               llvm::outs().flush();
                               return 0;
                             },
                         .input = "/dev/null",
                         .output = fmt::format("/proc/self/fd/{}", file.get()),
                         .untilMs = nowMs() + 60000});
  constexpr std::uint64_t kLimit = 64 << 20;
  return run.succeeded() ? readMemoryFile(file.get(), kLimit) : "";
}

std::string llvmHelp() {
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::PassBuilder().printPassNames(stream);
  return text;
}

json toJson(const PassHelp &pass) {
  json options = json::array();
  for (const PassOptionHelp &option : pass.options)
    options.push_back(
        {{"name", option.name}, {"description", option.description}});
  return {{"name", pass.name},
          {"description", pass.description},
          {"options", options}};
}

} // namespace

int printPasses(Compiler &, bool asJson) {
  std::vector<PassHelp> mlir = readPassHelp(mlirHelp());
  std::vector<std::string> llvm = readLlvmPassNames(llvmHelp());
  if (asJson) {
    json passes = {{"mlir", json::array()}, {"llvm", json::array()}};
    for (const PassHelp &pass : mlir)
      passes["mlir"].push_back(toJson(pass));
    for (const std::string &name : llvm)
      passes["llvm"].push_back({{"name", name}});
    fmt::print("{}\n", passes.dump());
  } else {
    for (const PassHelp &pass : mlir)
      fmt::print("mlir {}\n", pass.name);
    for (const std::string &name : llvm)
      fmt::print("llvm {}\n", name);
  }
  return mlir.empty() || llvm.empty() ? 1 : 0;
}

} // namespace irlens::mlir_worker

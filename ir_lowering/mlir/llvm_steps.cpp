// LLVM pass pipelines in the form of `opt -passes`.
#include "ir_lowering/mlir/steps.h"

#include <fmt/format.h>
#include <llvm/ADT/Any.h>
#include <llvm/Analysis/CGSCCPassManager.h>
#include <llvm/Analysis/LazyCallGraph.h>
#include <llvm/Analysis/LoopAnalysisManager.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/IR/PassInstrumentation.h>
#include <llvm/IR/PassManager.h>
#include <llvm/Passes/PassBuilder.h>

namespace irlens::mlir_worker {

namespace {

/// What a pass runs on, for people.
std::string nameOf(const llvm::Any &unit) {
  if (const auto *function = llvm::any_cast<const llvm::Function *>(&unit))
    return fmt::format("function @{}", (*function)->getName().str());
  if (const auto *loop = llvm::any_cast<const llvm::Loop *>(&unit))
    return fmt::format("a loop of @{}",
                       (*loop)->getHeader()->getParent()->getName().str());
  if (const auto *part =
          llvm::any_cast<const llvm::LazyCallGraph::SCC *>(&unit))
    return (*part)->getName();
  return "the module";
}

/// Pass managers and adaptors count as passes in LLVM; people mean the leaves.
bool isLeaf(llvm::StringRef pass) {
  return !pass.contains("PassManager<") && !pass.contains("PassAdaptor") &&
         !pass.starts_with("RequireAnalysisPass") &&
         !pass.starts_with("InvalidateAnalysisPass");
}

} // namespace

bool runLlvmPasses(StepContext &context, const std::string &pipeline) {
  Session &session = context.session;
  if (!session.llvmModule || !session.assembly.empty())
    return context.fail(
        fmt::format("an LLVM pipeline cannot run on {}", session.form()));
  context.progress.enter(Phase::LlvmPasses);

  llvm::PassInstrumentationCallbacks callbacks;
  llvm::PassBuilder builder(session.target.get(), llvm::PipelineTuningOptions(),
                            std::nullopt, &callbacks);
  callbacks.registerBeforeNonSkippedPassCallback(
      [&](llvm::StringRef name, const llvm::Any &unit) {
        if (!isLeaf(name))
          return;
        llvm::StringRef known = callbacks.getPassNameForClassName(name);
        context.beginPass(known.empty() ? name : known, nameOf(unit));
      });

  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);

  llvm::ModulePassManager passes;
  if (llvm::Error error = builder.parsePassPipeline(passes, pipeline))
    return context.fail("the pass pipeline cannot be read: " +
                        llvm::toString(std::move(error)));
  passes.run(*session.llvmModule, modules);
  return !context.diagnostics.hasErrors();
}

} // namespace irlens::mlir_worker

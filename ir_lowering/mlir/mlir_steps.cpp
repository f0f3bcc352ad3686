// MLIR pass pipelines, and the translation of the LLVM dialect to LLVM IR.
#include "ir_lowering/mlir/steps.h"

#include <fmt/format.h>
#include <llvm/Support/raw_ostream.h>
#include <mlir/IR/Verifier.h>
#include <mlir/Interfaces/FunctionInterfaces.h>
#include <mlir/Pass/Pass.h>
#include <mlir/Pass/PassInstrumentation.h>
#include <mlir/Pass/PassManager.h>
#include <mlir/Pass/PassRegistry.h>
#include <mlir/Target/LLVMIR/Export.h>

namespace irlens::mlir_worker {

namespace {

/// "func.func @main", "builtin.module"
std::string nameOf(mlir::Operation *op) {
  std::string name = op->getName().getStringRef().str();
  if (auto symbol = op->getAttrOfType<mlir::StringAttr>("sym_name"))
    name += " @" + symbol.str();
  return name;
}

/// Keeps the record of what runs up to date.
class Watch : public mlir::PassInstrumentation {
public:
  explicit Watch(StepContext &context) : context_(context) {}

  void runBeforePass(mlir::Pass *pass, mlir::Operation *op) override {
    // The adaptor around nested pipelines has no argument and is nobody's pass.
    if (!pass->getArgument().empty())
      context_.beginPass(pass->getArgument(), nameOf(op));
  }
  void runAfterPassFailed(mlir::Pass *pass, mlir::Operation *op) override {
    if (!context_.diagnostics.hasErrors())
      context_.diagnostics.add(
          {.message = fmt::format("pass '{}' failed on {}",
                                  pass->getArgument().str(), nameOf(op)),
           .frames = framesOf(op->getLoc())});
  }

private:
  StepContext &context_;
};

} // namespace

bool runMlirPasses(StepContext &context, const std::string &pipeline) {
  Session &session = context.session;
  if (!session.mlirModule || session.llvmModule)
    return context.fail(
        fmt::format("an MLIR pipeline cannot run on {}", session.form()));
  std::string error;
  llvm::raw_string_ostream errors(error);
  auto parsed = mlir::parsePassPipeline(pipeline, errors);
  if (mlir::failed(parsed)) {
    context.diagnostics.addIfSilent("the pass pipeline cannot be read: " +
                                    error);
    return false;
  }
  if (parsed->getOpAnchorName() != "builtin.module")
    return context.fail("a pass pipeline is of the form 'builtin.module(...)'");
  mlir::PassManager passes(session.context);
  static_cast<mlir::OpPassManager &>(passes) = std::move(*parsed);
  // Verified once, after the last pass.
  passes.enableVerifier(false);
  passes.addInstrumentation(std::make_unique<Watch>(context));
  context.progress.enter(Phase::MlirPasses);
  if (mlir::failed(passes.run(session.mlirModule.get()))) {
    context.diagnostics.addIfSilent("the pass pipeline failed");
    return false;
  }
  if (mlir::failed(mlir::verify(session.mlirModule.get()))) {
    context.diagnostics.addIfSilent("the result is not valid");
    return false;
  }
  return true;
}

bool translateToLlvm(StepContext &context) {
  Session &session = context.session;
  if (!session.mlirModule || session.llvmModule)
    return context.fail(
        fmt::format("{} cannot be translated to LLVM IR", session.form()));
  context.progress.enter(Phase::Translation);
  session.llvmContext = std::make_unique<llvm::LLVMContext>();
  session.llvmContext->setDiagnosticHandler(context.diagnostics.llvmHandler());
  session.llvmModule = mlir::translateModuleToLLVMIR(session.mlirModule.get(),
                                                     *session.llvmContext);
  if (session.llvmModule)
    return true;
  context.diagnostics.addIfSilent("the module cannot be translated to LLVM IR");
  return false;
}

} // namespace irlens::mlir_worker

// mlir-translate: MLIR's own driver. The translation that everybody uses,
// --mlir-to-llvmir, is done here instead, so that it has debug info: MLIR drops
// locations whose function has no scope.
#include "ir_lowering/mlir/tools/tools.h"

#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/SourceMgr.h>
#include <llvm/Support/raw_ostream.h>
#include <mlir/IR/BuiltinOps.h>
#include <mlir/InitAllTranslations.h>
#include <mlir/Parser/Parser.h>
#include <mlir/Pass/PassManager.h>
#include <mlir/Pass/PassRegistry.h>
#include <mlir/Target/LLVMIR/Export.h>
#include <mlir/Tools/mlir-translate/MlirTranslateMain.h>

namespace irlens::mlir_worker {

namespace {

/// False, with nothing said and nothing printed, when anything is unusual: the
/// driver then does it all, and has the word.
bool translateWithScopes(mlir::MLIRContext &context, const TextFile &text) {
  mlir::ScopedDiagnosticHandler silence(
      &context, [](mlir::Diagnostic &) { return mlir::success(); });
  auto file = llvm::MemoryBuffer::getFile(text.path, /*IsText=*/true);
  if (!file)
    return false;
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(
      llvm::MemoryBuffer::getMemBufferCopy(
          (*file)->getBuffer(), text.name.empty() ? "<stdin>" : text.name),
      llvm::SMLoc());
  auto module = mlir::parseSourceFile<mlir::ModuleOp>(sources, &context);
  if (!module)
    return false;
  mlir::PassManager passes(&context);
  if (mlir::failed(mlir::parsePassPipeline("irlens-debug-scopes", passes)) ||
      mlir::failed(passes.run(*module)))
    return false;
  llvm::LLVMContext llvmContext;
  auto translated = mlir::translateModuleToLLVMIR(*module, llvmContext);
  if (!translated)
    return false;
  translated->print(llvm::outs(), nullptr);
  llvm::outs().flush();
  // Not taken apart: the process ends here.
  (void)translated.release();
  _exit(0);
}

} // namespace

int runMlirTranslate(Compiler &compiler, const TextFile &text,
                     std::vector<std::string> arguments) {
  if (arguments.size() == 1 && (arguments.front() == "--mlir-to-llvmir" ||
                                arguments.front() == "-mlir-to-llvmir"))
    translateWithScopes(compiler.context(), text);
  mlir::registerAllTranslations();
  ArgumentVector words("mlir-translate", std::move(arguments));
  return mlir::failed(mlir::mlirTranslateMain(words.count(), words.data(),
                                              "MLIR Translation Testing Tool"));
}

} // namespace irlens::mlir_worker

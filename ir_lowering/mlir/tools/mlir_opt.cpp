// mlir-opt: MLIR's own driver, over the registry that is warm already.
#include "ir_lowering/mlir/tools/tools.h"

#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/ToolOutputFile.h>
#include <llvm/Support/raw_ostream.h>
#include <mlir/Support/FileUtilities.h>
#include <mlir/Tools/mlir-opt/MlirOptMain.h>

namespace irlens::mlir_worker {

int runMlirOpt(Compiler &compiler, const TextFile &text,
               std::vector<std::string> arguments) {
  // The order of messages must not depend on threads, of which a process with a
  // limit of memory has better few.
  const std::string noThreads = "--mlir-disable-threading";
  arguments.push_back(noThreads);
  ArgumentVector words("mlir-opt", std::move(arguments));
  auto [input, output] = mlir::registerAndParseCLIOptions(
      words.count(), words.data(), "MLIR modular optimizer driver\n",
      compiler.registry());
  auto config = mlir::MlirOptMainConfig::createFromCLOptions();
  if (input != "-" || config.shouldShowDialects() || config.shouldListPasses())
    return mlir::failed(mlir::MlirOptMain(words.count(), words.data(), input,
                                          output, compiler.registry()));
  std::string error;
  auto file = mlir::openInputFile("-", &error);
  auto result = mlir::openOutputFile(output, &error);
  if (!file || !result) {
    llvm::errs() << error << "\n";
    return 1;
  }
  // What has no location gets one in the user's file.
  if (!text.name.empty())
    file = llvm::MemoryBuffer::getMemBufferCopy(file->getBuffer(), text.name);
  if (mlir::failed(mlir::MlirOptMain(result->os(), std::move(file),
                                     compiler.registry(), config)))
    return 1;
  result->keep();
  return 0;
}

} // namespace irlens::mlir_worker

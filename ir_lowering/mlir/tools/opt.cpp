// opt: LLVM's own driver, a static library of its development package.
#include "ir_lowering/mlir/tools/tools.h"

#ifdef IRLENS_HAS_OPT_DRIVER

#include <functional>
#include <llvm/ADT/ArrayRef.h>

namespace llvm {
class PassBuilder;
} // namespace llvm

/// Declared in no installed header.
extern "C" int
optMain(int argc, char **argv,
        llvm::ArrayRef<std::function<void(llvm::PassBuilder &)>> callbacks);

namespace irlens::mlir_worker {

int runOpt(Compiler &compiler, const TextFile &,
           std::vector<std::string> arguments) {
  compiler.tools().restoreOptionsOfOpt();
  ArgumentVector words("opt", std::move(arguments));
  return optMain(words.count(), words.data(), {});
}

} // namespace irlens::mlir_worker

#endif

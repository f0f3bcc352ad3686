// Compiles a module for this machine and calls it in this process, which may
// die of it. Stage process only.
#pragma once

#include "ir_lowering/mlir/check/aligned_bytes.h"
#include "ir_lowering/mlir/check/reference.h"
#include "ir_lowering/mlir/compiler.h"

#include <llvm/ExecutionEngine/Orc/LLJIT.h>

namespace irlens::mlir_worker {

/// The data of the weights that a module only names.
struct BoundWeights {
  std::vector<AlignedBytes> data;
  llvm::orc::SymbolMap symbols;
};

/// Errors: NotFound with the names of weights that the reference has not.
engine::Result<BoundWeights> bindWeights(const llvm::Module &module,
                                         const Reference &reference,
                                         llvm::orc::ExecutionSession &session);

/// Machine code in memory.
class Jit {
public:
  using Caller = void (*)(char *slots, char *result);

  /// Takes the session's module, with its target, which must be this machine.
  /// Errors: ToolFailed with LLVM's words.
  static engine::Result<Jit> compile(Session &session,
                                     const Reference &reference);
  /// Errors: NotFound when there is none, or a symbol that it needs.
  engine::Result<Caller> find(const std::string &name);

private:
  /// The module is gone once it is compiled; its types are still of use.
  std::unique_ptr<llvm::orc::ThreadSafeContext> context_;
  std::unique_ptr<std::string> causes_ = std::make_unique<std::string>();
  std::unique_ptr<llvm::orc::LLJIT> jit_;
  BoundWeights weights_;
};

} // namespace irlens::mlir_worker

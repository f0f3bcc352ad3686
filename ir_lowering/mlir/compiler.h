// What is registered once in the server process and inherited by all its
// children, and the module that a stage process holds. Every fork is a snapshot
// of both.
#pragma once

#include "ir_lowering/mlir/diagnostics.h"
#include "ir_lowering/mlir/kernel_report.h"

#include <llvm/ADT/SmallString.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/Target/TargetMachine.h>
#include <memory>
#include <mlir/IR/BuiltinOps.h>
#include <mlir/IR/MLIRContext.h>
#include <mlir/IR/OwningOpRef.h>
#include <string>
#include <vector>

namespace irlens::mlir_worker {

/// All dialects, passes, extensions, translations and the targets of the stage
/// table. Made once per program. Never destroyed: its processes end by _exit,
/// because tearing a context down costs time and frees nothing that the system
/// does not.
class Compiler {
public:
  Compiler();

  mlir::MLIRContext &context() { return *context_; }

private:
  mlir::MLIRContext *context_;
};

/// The module on its way down, in the form it has now. Exactly one of
/// `mlirModule`, `llvmModule` and `assembly` is what the stage's text is
/// printed from: the last one that is set.
struct Session {
  mlir::MLIRContext *context = nullptr;
  mlir::OwningOpRef<mlir::ModuleOp> mlirModule;
  std::unique_ptr<llvm::LLVMContext> llvmContext;
  std::unique_ptr<llvm::Module> llvmModule;
  std::unique_ptr<llvm::TargetMachine> target;
  llvm::SmallString<0>
      assembly; ///< Hundreds of megabytes with weights' values.
  std::vector<std::string> deviceLibraries;
  FactsOfKernels launches;  ///< Grids and blocks, from the host code.
  FactsOfKernels assembled; ///< From the assembler.
  std::string artifacts;    ///< Folder with the entry's other stages.

  const char *form() const {
    return !assembly.empty() ? "assembly" : llvmModule ? "LLVM IR" : "MLIR";
  }
};

/// Reads an artifact ("mlir" or "llvm" text). False with diagnostics on errors.
bool readInput(Session &session, const std::string &path,
               const std::string &format, Diagnostics &diagnostics);

} // namespace irlens::mlir_worker

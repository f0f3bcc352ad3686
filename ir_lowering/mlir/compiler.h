// What is registered once in the server process and inherited by all its
// children, and the module that a stage process holds. Every fork is a snapshot
// of both.
#pragma once

#include "ir_lowering/mlir/diagnostics.h"
#include "ir_lowering/mlir/kernel_report.h"
#include "ir_lowering/mlir/tools/warm_tools.h"

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
  /// For tools, which make contexts of their own.
  mlir::DialectRegistry &registry() { return *registry_; }
  const WarmTools &tools() const { return tools_; }

private:
  WarmTools tools_;
  mlir::DialectRegistry *registry_;
  mlir::MLIRContext *context_;
};

/// What split-file made of a part of a file.
struct SplitPart {
  std::string path;
  std::string file;    ///< That was split.
  int linesBefore = 0; ///< Lines of the file before those of the part.
};

/// A text in a file.
struct TextFile {
  std::string path = {};
  std::string name = {}; ///< The file that locations are to name; empty: path.

  const std::string &shownName() const { return name.empty() ? path : name; }
};

/// The module on its way down, in the form it has now. Exactly one of
/// `mlirModule`, `llvmModule` and `assembly` is what the stage's text is
/// printed from: the last one that is set. Without any it is in `text` alone.
struct Session {
  Compiler *compiler = nullptr;
  mlir::MLIRContext *context = nullptr;
  /// What is in memory, as a file; no path: it has changed since.
  TextFile text;
  /// In a test: the file with what the last tool really printed, when `text` is
  /// a form of it for people (with debug info, or as text).
  std::string exact;
  std::vector<SplitPart> parts; ///< Of files that the test has split.
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
  bool isInMemory() const {
    return !assembly.empty() || llvmModule || mlirModule;
  }
  /// Leaves the text alone.
  void dropModule();
};

/// Parses the session's text into a module: "mlir" (text or bytecode), or
/// "llvm" (text or bitcode). False with diagnostics on errors.
bool parseText(Session &session, const std::string &format,
               Diagnostics &diagnostics);

} // namespace irlens::mlir_worker

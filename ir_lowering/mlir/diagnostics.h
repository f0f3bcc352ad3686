// Collects what MLIR and LLVM complain about while a stage is made, as report
// diagnostics with call chains. One per stage process.
#pragma once

#include "ir_lowering/worker/report.h"

#include <functional>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/DiagnosticHandler.h>
#include <memory>
#include <mlir/IR/Diagnostics.h>
#include <mlir/IR/Location.h>
#include <vector>

namespace irlens::mlir_worker {

/// The call chain of a location, innermost first; empty when it is unknown. Of
/// a fused location the first chain counts.
Frames framesOf(mlir::Location location);
/// The chain of inlined calls, innermost first.
Frames framesOf(const llvm::DILocation *location);

class Diagnostics {
public:
  /// Listens to the context until destroyed.
  explicit Diagnostics(mlir::MLIRContext &context);

  /// `passName` tells the pass that runs now, "" between passes.
  void setPass(std::string passName) { pass_ = std::move(passName); }
  void add(ReportDiagnostic diagnostic);
  /// Adds `message` without a place unless an error is there already.
  void addIfSilent(const std::string &message);
  bool hasErrors() const;
  std::vector<ReportDiagnostic> take() { return std::move(collected_); }

  /// For an LLVMContext; it must not outlive this object.
  std::unique_ptr<llvm::DiagnosticHandler> llvmHandler();

private:
  void addMlir(mlir::Diagnostic &diagnostic);

  std::vector<ReportDiagnostic> collected_;
  std::string pass_;
  mlir::ScopedDiagnosticHandler handler_;
};

} // namespace irlens::mlir_worker

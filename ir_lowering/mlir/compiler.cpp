#include "ir_lowering/mlir/compiler.h"

#include "ir_lowering/mlir/passes/passes.h"

#include <llvm/IRReader/IRReader.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/SourceMgr.h>
#include <llvm/Support/TargetSelect.h>
#include <mlir/Dialect/Affine/IR/AffineOps.h>
#include <mlir/Dialect/Arith/IR/Arith.h>
#include <mlir/Dialect/Bufferization/IR/Bufferization.h>
#include <mlir/Dialect/ControlFlow/IR/ControlFlowOps.h>
#include <mlir/Dialect/Func/IR/FuncOps.h>
#include <mlir/Dialect/LLVMIR/LLVMDialect.h>
#include <mlir/Dialect/Linalg/IR/Linalg.h>
#include <mlir/Dialect/MLProgram/IR/MLProgram.h>
#include <mlir/Dialect/Math/IR/Math.h>
#include <mlir/Dialect/MemRef/IR/MemRef.h>
#include <mlir/Dialect/SCF/IR/SCF.h>
#include <mlir/Dialect/Tensor/IR/Tensor.h>
#include <mlir/InitAllDialects.h>
#include <mlir/InitAllExtensions.h>
#include <mlir/InitAllPasses.h>
#include <mlir/Parser/Parser.h>
#include <mlir/Target/LLVMIR/Dialect/All.h>

namespace irlens::mlir_worker {

namespace {

#define IRLENS_INITIALIZE_TARGET(NAME)                                         \
  LLVMInitialize##NAME##TargetInfo();                                          \
  LLVMInitialize##NAME##Target();                                              \
  LLVMInitialize##NAME##TargetMC();                                            \
  LLVMInitialize##NAME##AsmPrinter()

void initializeTargets() {
  IRLENS_INITIALIZE_TARGET(X86);
  IRLENS_INITIALIZE_TARGET(AArch64);
  IRLENS_INITIALIZE_TARGET(NVPTX);
  IRLENS_INITIALIZE_TARGET(AMDGPU);
  IRLENS_INITIALIZE_TARGET(SPIRV);
  // Inline assembly in a user's LLVM IR is parsed for the host only.
  LLVMInitializeX86AsmParser();
  LLVMInitializeAArch64AsmParser();
}

#undef IRLENS_INITIALIZE_TARGET

/// A parse error as a diagnostic on the line of the input file.
void addParseError(const llvm::SMDiagnostic &error, const std::string &path,
                   Diagnostics &diagnostics) {
  diagnostics.add(
      {.message = error.getMessage().str(),
       .frames = {{path, error.getLineNo(), error.getColumnNo() + 1}}});
}

bool readMlir(Session &session, const std::string &path,
              Diagnostics &diagnostics) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!buffer) {
    diagnostics.add({.message = path + ": " + buffer.getError().message()});
    return false;
  }
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(std::move(*buffer), llvm::SMLoc());
  // Verified here once: later steps rely on it.
  session.mlirModule =
      mlir::parseSourceFile<mlir::ModuleOp>(sources, session.context);
  return static_cast<bool>(session.mlirModule);
}

bool readLlvm(Session &session, const std::string &path,
              Diagnostics &diagnostics) {
  session.llvmContext = std::make_unique<llvm::LLVMContext>();
  session.llvmContext->setDiagnosticHandler(diagnostics.llvmHandler());
  llvm::SMDiagnostic error;
  session.llvmModule = llvm::parseIRFile(path, error, *session.llvmContext);
  if (!session.llvmModule)
    addParseError(error, path, diagnostics);
  return static_cast<bool>(session.llvmModule);
}

} // namespace

Compiler::Compiler() {
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::registerAllToLLVMIRTranslations(registry);
  mlir::registerAllPasses();
  registerPasses();
  initializeTargets();
  // A fork server has one thread, hence no thread pool.
  context_ =
      new mlir::MLIRContext(registry, mlir::MLIRContext::Threading::DISABLED);
  context_->loadDialect<mlir::affine::AffineDialect, mlir::arith::ArithDialect,
                        mlir::bufferization::BufferizationDialect,
                        mlir::cf::ControlFlowDialect, mlir::func::FuncDialect,
                        mlir::LLVM::LLVMDialect, mlir::linalg::LinalgDialect,
                        mlir::math::MathDialect, mlir::memref::MemRefDialect,
                        mlir::ml_program::MLProgramDialect,
                        mlir::scf::SCFDialect, mlir::tensor::TensorDialect>();
}

bool readInput(Session &session, const std::string &path,
               const std::string &format, Diagnostics &diagnostics) {
  return format == "llvm" ? readLlvm(session, path, diagnostics)
                          : readMlir(session, path, diagnostics);
}

} // namespace irlens::mlir_worker

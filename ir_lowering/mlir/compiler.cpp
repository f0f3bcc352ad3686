#include "ir_lowering/mlir/compiler.h"

#include "ir_lowering/mlir/passes/passes.h"

#include <fmt/format.h>
#include <llvm/IRReader/IRReader.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/SourceMgr.h>
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

std::unique_ptr<llvm::MemoryBuffer> open(const TextFile &text,
                                         Diagnostics &diagnostics) {
  auto file = llvm::MemoryBuffer::getFile(text.path, /*IsText=*/true);
  if (!file) {
    diagnostics.add({.message = fmt::format("{}: {}", text.path,
                                            file.getError().message())});
    return nullptr;
  }
  if (text.name.empty())
    return std::move(*file);
  // Unknown locations are positions in the buffer: it is called as the file.
  return llvm::MemoryBuffer::getMemBufferCopy((*file)->getBuffer(), text.name);
}

bool parseMlir(Session &session, std::unique_ptr<llvm::MemoryBuffer> buffer) {
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(std::move(buffer), llvm::SMLoc());
  // Verified here once: later steps rely on it.
  session.mlirModule =
      mlir::parseSourceFile<mlir::ModuleOp>(sources, session.context);
  return static_cast<bool>(session.mlirModule);
}

bool parseLlvm(Session &session, std::unique_ptr<llvm::MemoryBuffer> buffer,
               Diagnostics &diagnostics) {
  session.llvmContext = std::make_unique<llvm::LLVMContext>();
  session.llvmContext->setDiagnosticHandler(diagnostics.llvmHandler());
  llvm::SMDiagnostic error;
  session.llvmModule =
      llvm::parseIR(buffer->getMemBufferRef(), error, *session.llvmContext);
  if (!session.llvmModule)
    diagnostics.add({.message = error.getMessage().str(),
                     .frames = {{session.text.shownName(), error.getLineNo(),
                                 error.getColumnNo() + 1}}});
  return static_cast<bool>(session.llvmModule);
}

} // namespace

Compiler::Compiler() {
  registry_ = new mlir::DialectRegistry;
  mlir::DialectRegistry &registry = *registry_;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::registerAllToLLVMIRTranslations(registry);
  mlir::registerAllPasses();
  registerPasses();
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

void Session::dropModule() {
  mlirModule = {};
  // A target refers to nothing of the module; what is made next sets its own.
  target.reset();
  llvmModule.reset();
  llvmContext.reset();
  assembly = llvm::SmallString<0>();
}

bool parseText(Session &session, const std::string &format,
               Diagnostics &diagnostics) {
  auto buffer = open(session.text, diagnostics);
  if (!buffer)
    return false;
  return format == "llvm" ? parseLlvm(session, std::move(buffer), diagnostics)
                          : parseMlir(session, std::move(buffer));
}

} // namespace irlens::mlir_worker

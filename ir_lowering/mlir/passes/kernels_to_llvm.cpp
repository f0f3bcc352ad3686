// irlens-kernels-to-llvm{dialect=nvvm|rocdl chip=...}: from a module with host
// code and a gpu.module to the kernels alone, in the LLVM dialect at top level,
// where the steps behind (translation, device library, code generation) find
// them as they find any other function. The host code is left to the gpu stage.
#include "ir_lowering/mlir/passes/passes.h"

#include <fmt/format.h>
#include <llvm/Support/raw_ostream.h>
#include <mlir/Conversion/LLVMCommon/TypeConverter.h>
#include <mlir/Dialect/Arith/IR/Arith.h>
#include <mlir/Dialect/ControlFlow/IR/ControlFlowOps.h>
#include <mlir/Dialect/GPU/IR/GPUDialect.h>
#include <mlir/Dialect/LLVMIR/LLVMDialect.h>
#include <mlir/Dialect/SCF/IR/SCF.h>
#include <mlir/IR/BuiltinOps.h>
#include <mlir/IR/SymbolTable.h>
#include <mlir/Pass/Pass.h>
#include <mlir/Pass/PassManager.h>
#include <mlir/Pass/PassRegistry.h>

namespace irlens::mlir_worker {

namespace {

/// A kernel gets a memref as one pointer, as a CUDA kernel would, if nothing
/// else about it is known at run time only.
bool takesPlainPointers(mlir::gpu::GPUModuleOp kernels) {
  return llvm::all_of(
      kernels.getOps<mlir::gpu::GPUFuncOp>(), [](mlir::gpu::GPUFuncOp kernel) {
        return llvm::all_of(kernel.getArgumentTypes(), [](mlir::Type type) {
          auto memref = llvm::dyn_cast<mlir::BaseMemRefType>(type);
          return !memref ||
                 mlir::LLVMTypeConverter::canConvertToBarePtr(memref);
        });
      });
}

class KernelsToLlvm
    : public mlir::PassWrapper<KernelsToLlvm,
                               mlir::OperationPass<mlir::ModuleOp>> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(KernelsToLlvm)

  KernelsToLlvm() = default;
  KernelsToLlvm(const KernelsToLlvm &other) : PassWrapper(other) {}

  llvm::StringRef getArgument() const override {
    return "irlens-kernels-to-llvm";
  }
  llvm::StringRef getDescription() const override {
    return "Lower the kernels of a module and drop the rest of it";
  }
  void getDependentDialects(mlir::DialectRegistry &registry) const override {
    std::string ignored;
    llvm::raw_string_ostream errors(ignored);
    if (auto pipeline =
            mlir::parsePassPipeline(conversion(/*plainPointers=*/true), errors);
        mlir::succeeded(pipeline))
      pipeline->getDependentDialects(registry);
    registry.insert<mlir::arith::ArithDialect, mlir::LLVM::LLVMDialect,
                    mlir::scf::SCFDialect>();
  }

  void runOnOperation() override {
    mlir::ModuleOp module = getOperation();
    for (auto kernels :
         llvm::to_vector(module.getOps<mlir::gpu::GPUModuleOp>()))
      if (mlir::failed(lower(kernels)))
        return signalPassFailure();
    keepKernels(module);
  }

private:
  std::string conversion(bool plainPointers) const {
    std::string pointers = fmt::format("use-bare-ptr-memref-call-conv={}",
                                       plainPointers ? "true" : "false");
    std::string to =
        dialect_ == "rocdl"
            ? fmt::format("convert-gpu-to-rocdl{{chipset={} runtime=HIP {}}}",
                          chip_.getValue(), pointers)
            : fmt::format("convert-gpu-to-nvvm{{{}}}", pointers);
    return fmt::format(
        "gpu.module(expand-strided-metadata,lower-affine,convert-scf-to-cf,"
        "convert-complex-to-standard,arith-expand,canonicalize,cse,{},"
        "reconcile-unrealized-casts,canonicalize,cse)",
        to);
  }

  /// convert-gpu-to-rocdl leaves asserts to the host's C library.
  static void assertsToTraps(mlir::gpu::GPUModuleOp kernels) {
    kernels.walk([](mlir::cf::AssertOp check) {
      mlir::OpBuilder builder(check);
      mlir::Location where = check.getLoc();
      mlir::Value yes = mlir::arith::ConstantIntOp::create(
          builder, where, builder.getI1Type(), 1);
      mlir::Value fails =
          mlir::arith::XOrIOp::create(builder, where, check.getArg(), yes);
      auto then = mlir::scf::IfOp::create(builder, where, fails);
      builder.setInsertionPointToStart(then.thenBlock());
      mlir::LLVM::Trap::create(builder, where);
      check.erase();
    });
  }

  llvm::LogicalResult lower(mlir::gpu::GPUModuleOp kernels) {
    if (dialect_ == "rocdl")
      assertsToTraps(kernels);
    std::string error;
    llvm::raw_string_ostream errors(error);
    auto pipeline = mlir::parsePassPipeline(
        conversion(takesPlainPointers(kernels)), errors);
    if (mlir::failed(pipeline))
      return kernels.emitError(error);
    return runPipeline(*pipeline, kernels);
  }

  static void keepKernels(mlir::ModuleOp module) {
    llvm::SmallVector<mlir::Operation *> others;
    llvm::SmallVector<mlir::gpu::GPUModuleOp> kernels;
    for (mlir::Operation &op : module.getOps())
      if (auto gpu = llvm::dyn_cast<mlir::gpu::GPUModuleOp>(op))
        kernels.push_back(gpu);
      else
        others.push_back(&op);
    for (mlir::Operation *op : others)
      op->erase();
    for (mlir::gpu::GPUModuleOp gpu : kernels) {
      module.getBody()->getOperations().splice(
          module.getBody()->end(), gpu.getBodyRegion().front().getOperations());
      gpu.erase();
    }
    module->removeAttr(mlir::gpu::GPUDialect::getContainerModuleAttrName());
  }

  Option<std::string> dialect_{*this, "dialect", llvm::cl::init("nvvm"),
                               llvm::cl::desc("nvvm or rocdl")};
  Option<std::string> chip_{*this, "chip", llvm::cl::init("gfx900"),
                            llvm::cl::desc("processor, for rocdl")};
};

} // namespace

void registerKernelsToLlvm() { mlir::PassRegistration<KernelsToLlvm>(); }

} // namespace irlens::mlir_worker

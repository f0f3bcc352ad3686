// irlens-copies-to-loops: a `memref.copy` of which a side is not contiguous
// (padding, concatenation) is lowered by MLIR to a call of `memrefCopy` in its
// C runtime: a function that copies element by element through descriptors and
// that no GPU has. As `linalg.copy` it becomes loops of its own.
#include "ir_lowering/mlir/passes/passes.h"

#include <mlir/Dialect/Linalg/IR/Linalg.h>
#include <mlir/Dialect/MemRef/IR/MemRef.h>
#include <mlir/IR/Builders.h>
#include <mlir/Interfaces/FunctionInterfaces.h>
#include <mlir/Pass/Pass.h>

namespace irlens::mlir_worker {

namespace {

/// The copies that MLIR itself lowers to one memcpy.
bool isContiguous(mlir::Type type) {
  auto memref = llvm::dyn_cast<mlir::MemRefType>(type);
  return memref && (memref.getRank() == 0 || memref.getLayout().isIdentity());
}

class CopiesToLoops
    : public mlir::PassWrapper<CopiesToLoops,
                               mlir::InterfacePass<mlir::FunctionOpInterface>> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(CopiesToLoops)

  llvm::StringRef getArgument() const override {
    return "irlens-copies-to-loops";
  }
  llvm::StringRef getDescription() const override {
    return "Turn copies of strided memrefs into linalg.copy";
  }
  void getDependentDialects(mlir::DialectRegistry &registry) const override {
    registry.insert<mlir::linalg::LinalgDialect>();
  }

  void runOnOperation() override {
    getOperation()->walk([](mlir::memref::CopyOp copy) {
      mlir::Value source = copy.getSource();
      mlir::Value target = copy.getTarget();
      bool ranked = llvm::isa<mlir::MemRefType>(source.getType()) &&
                    llvm::isa<mlir::MemRefType>(target.getType());
      if (!ranked ||
          (isContiguous(source.getType()) && isContiguous(target.getType())))
        return;
      mlir::OpBuilder builder(copy);
      mlir::linalg::CopyOp::create(builder, copy.getLoc(), source, target);
      copy.erase();
    });
  }
};

} // namespace

void registerCopiesToLoops() { mlir::PassRegistration<CopiesToLoops>(); }

} // namespace irlens::mlir_worker

// irlens-linalg-to-kernel-loops: each linalg op on memrefs becomes one
// scf.parallel, which will be one kernel. MLIR's convert-linalg-to-parallel-
// loops leaves ops without parallel dimension (a loss, a scalar) as host code
// although their data is on the device, and puts parallel loops inside of
// sequential ones where a reduction comes first. Copies become loops as well.
// So do loops on single elements (scan, sort, scatter): one thread runs them.
#include "ir_lowering/mlir/passes/kernel_labels.h"
#include "ir_lowering/mlir/passes/passes.h"

#include <mlir/Dialect/Affine/IR/AffineOps.h>
#include <mlir/Dialect/Arith/IR/Arith.h>
#include <mlir/Dialect/ControlFlow/IR/ControlFlowOps.h>
#include <mlir/Dialect/Linalg/IR/Linalg.h>
#include <mlir/Dialect/Linalg/Transforms/Transforms.h>
#include <mlir/Dialect/MemRef/IR/MemRef.h>
#include <mlir/Dialect/SCF/IR/SCF.h>
#include <mlir/Interfaces/FunctionInterfaces.h>
#include <mlir/Pass/Pass.h>

namespace irlens::mlir_worker {

namespace {

using mlir::linalg::GenericOp;
using mlir::linalg::LinalgOp;

/// Parallel dimensions first, otherwise in the order they have.
llvm::SmallVector<unsigned> parallelFirst(GenericOp op) {
  llvm::SmallVector<unsigned> order;
  for (auto kind : {mlir::utils::IteratorType::parallel,
                    mlir::utils::IteratorType::reduction})
    for (auto [dim, iterator] : llvm::enumerate(op.getIteratorTypesArray()))
      if (iterator == kind)
        order.push_back(dim);
  return order;
}

/// A loop of one iteration, for what has no parallel dimension.
mlir::scf::ParallelOp makeSingleIteration(mlir::RewriterBase &rewriter,
                                          mlir::Location location) {
  mlir::Value zero =
      mlir::arith::ConstantIndexOp::create(rewriter, location, 0);
  mlir::Value one = mlir::arith::ConstantIndexOp::create(rewriter, location, 1);
  return mlir::scf::ParallelOp::create(
      rewriter, location, mlir::ValueRange(zero), mlir::ValueRange(one),
      mlir::ValueRange(one));
}

/// Reads and writes elements and does nothing else that the host would have to
/// do.
bool isElementLoop(mlir::Operation *loop) {
  bool touchesMemory = false;
  auto result = loop->walk([&](mlir::Operation *op) {
    bool isAccess = llvm::isa<mlir::memref::LoadOp, mlir::memref::StoreOp>(op);
    touchesMemory |= isAccess;
    bool allowed = isAccess || mlir::isMemoryEffectFree(op) ||
                   llvm::isa<mlir::scf::SCFDialect>(op->getDialect()) ||
                   llvm::isa<mlir::cf::AssertOp>(op);
    return allowed && !llvm::isa<mlir::scf::ParallelOp>(op)
               ? mlir::WalkResult::advance()
               : mlir::WalkResult::interrupt();
  });
  return touchesMemory && !result.wasInterrupted();
}

class LinalgToKernelLoops
    : public mlir::PassWrapper<LinalgToKernelLoops,
                               mlir::InterfacePass<mlir::FunctionOpInterface>> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(LinalgToKernelLoops)

  llvm::StringRef getArgument() const override {
    return "irlens-linalg-to-kernel-loops";
  }
  llvm::StringRef getDescription() const override {
    return "Turn each linalg op and each copy into one scf.parallel";
  }
  void getDependentDialects(mlir::DialectRegistry &registry) const override {
    registry.insert<mlir::affine::AffineDialect, mlir::arith::ArithDialect,
                    mlir::linalg::LinalgDialect, mlir::memref::MemRefDialect,
                    mlir::scf::SCFDialect>();
  }

  void runOnOperation() override {
    mlir::IRRewriter rewriter(&getContext());
    replaceCopies(rewriter);
    llvm::SmallVector<LinalgOp> ops;
    getOperation()->walk([&](LinalgOp op) { ops.push_back(op); });
    for (LinalgOp op : ops)
      if (mlir::failed(toLoops(rewriter, op)))
        return signalPassFailure();
    wrapElementLoops(rewriter);
  }

private:
  void replaceCopies(mlir::RewriterBase &rewriter) {
    getOperation()->walk([&](mlir::memref::CopyOp copy) {
      if (!llvm::isa<mlir::MemRefType>(copy.getSource().getType()) ||
          !llvm::isa<mlir::MemRefType>(copy.getTarget().getType()))
        return;
      rewriter.setInsertionPoint(copy);
      rewriter.replaceOpWithNewOp<mlir::linalg::CopyOp>(copy, copy.getSource(),
                                                        copy.getTarget());
    });
  }

  void wrapElementLoops(mlir::RewriterBase &rewriter) {
    llvm::SmallVector<mlir::Operation *> loops;
    getOperation()->walk<mlir::WalkOrder::PreOrder>([&](mlir::Operation *op) {
      if (llvm::isa<mlir::scf::ParallelOp>(op))
        return mlir::WalkResult::skip();
      if (!llvm::isa<mlir::scf::ForOp, mlir::scf::WhileOp>(op) ||
          op->getNumResults() != 0 || !isElementLoop(op))
        return mlir::WalkResult::advance();
      loops.push_back(op);
      return mlir::WalkResult::skip();
    });
    for (mlir::Operation *loop : loops) {
      loop->walk([](mlir::memref::StoreOp store) {
        store->setLoc(withLabel(store.getLoc(), "loop"));
      });
      rewriter.setInsertionPoint(loop);
      mlir::scf::ParallelOp kernel =
          makeSingleIteration(rewriter, loop->getLoc());
      rewriter.moveOpBefore(loop, kernel.getBody()->getTerminator());
    }
  }

  llvm::LogicalResult toLoops(mlir::RewriterBase &rewriter, LinalgOp op) {
    rewriter.setInsertionPoint(op);
    auto generic = llvm::dyn_cast<GenericOp>(op.getOperation());
    if (!generic) {
      auto made = mlir::linalg::generalizeNamedOp(rewriter, op);
      if (mlir::failed(made))
        return op->emitError("cannot be made a kernel");
      generic = *made;
    }
    generic->setLoc(withLabel(generic.getLoc(), kernelLabel(generic)));
    if (generic.getNumParallelLoops() == 0) {
      mlir::scf::ParallelOp loop =
          makeSingleIteration(rewriter, generic.getLoc());
      rewriter.moveOpBefore(generic, loop.getBody()->getTerminator());
    } else if (auto order = parallelFirst(generic); !llvm::is_sorted(order)) {
      auto made = mlir::linalg::interchangeGenericOp(rewriter, generic, order);
      if (mlir::failed(made))
        return generic->emitError("cannot be reordered for a kernel");
      generic = *made;
    }
    rewriter.setInsertionPoint(generic);
    if (mlir::failed(mlir::linalg::linalgOpToParallelLoops(rewriter, generic)))
      return generic->emitError("cannot be made a kernel");
    rewriter.eraseOp(generic);
    return mlir::success();
  }
};

} // namespace

void registerLinalgToKernelLoops() {
  mlir::PassRegistration<LinalgToKernelLoops>();
}

} // namespace irlens::mlir_worker

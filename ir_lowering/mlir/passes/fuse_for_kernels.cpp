// irlens-fuse-for-kernels: MLIR's fusion of elementwise ops, where it does not
// multiply work. linalg-fuse-elementwise-ops fuses an activation into the
// matmul that reads it, which then computes it once per output column: fine for
// reading, wrong for a kernel. Here a reduction takes in what computes nothing
// (the transpose of a weight) or what it reads once per element (the exp of a
// softmax). The first pass of the gpu stage, on tensors.
#include "ir_lowering/mlir/passes/passes.h"

#include <mlir/Dialect/Linalg/IR/Linalg.h>
#include <mlir/Dialect/Linalg/Transforms/Transforms.h>
#include <mlir/Interfaces/FunctionInterfaces.h>
#include <mlir/Pass/Pass.h>
#include <mlir/Transforms/GreedyPatternRewriteDriver.h>

namespace irlens::mlir_worker {

namespace {

bool computesNothing(mlir::linalg::GenericOp producer) {
  return producer.getBody()->without_terminator().empty();
}

bool readsEachElementOnce(mlir::linalg::GenericOp consumer,
                          mlir::OpOperand &operand) {
  return consumer.getMatchingIndexingMap(&operand).isPermutation();
}

bool isWorthFusing(mlir::OpOperand *operand) {
  auto producer = operand->get().getDefiningOp<mlir::linalg::GenericOp>();
  auto consumer = llvm::dyn_cast<mlir::linalg::GenericOp>(operand->getOwner());
  if (!producer || !consumer)
    return false;
  if (computesNothing(producer))
    return true;
  return producer->hasOneUse() && (consumer.getNumReductionLoops() == 0 ||
                                   readsEachElementOnce(consumer, *operand));
}

class FuseForKernels
    : public mlir::PassWrapper<FuseForKernels,
                               mlir::InterfacePass<mlir::FunctionOpInterface>> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(FuseForKernels)

  llvm::StringRef getArgument() const override {
    return "irlens-fuse-for-kernels";
  }
  llvm::StringRef getDescription() const override {
    return "Fuse elementwise linalg ops where no work is done twice";
  }
  void getDependentDialects(mlir::DialectRegistry &registry) const override {
    registry.insert<mlir::linalg::LinalgDialect>();
  }

  void runOnOperation() override {
    mlir::RewritePatternSet patterns(&getContext());
    mlir::linalg::populateElementwiseOpsFusionPatterns(patterns, isWorthFusing);
    mlir::linalg::populateEraseUnusedOperandsAndResultsPatterns(patterns);
    mlir::GreedyRewriteConfig config;
    config.setUseTopDownTraversal();
    // A limit of rounds that is reached leaves valid IR.
    (void)mlir::applyPatternsGreedily(getOperation(), std::move(patterns),
                                      config);
  }
};

} // namespace

void registerFuseForKernels() { mlir::PassRegistration<FuseForKernels>(); }

} // namespace irlens::mlir_worker

// irlens-separate-initial-values: gives each linalg op that accumulates a fill
// of its own, right before it. CSE makes one fill of all that are alike, and
// bufferization then copies its buffer for each op but the last: one kernel
// more, and a fill that cannot be fused into the kernel that needs it. Right
// before bufferization.
#include "ir_lowering/mlir/passes/passes.h"

#include <mlir/Dialect/Linalg/IR/Linalg.h>
#include <mlir/Dialect/Tensor/IR/Tensor.h>
#include <mlir/Interfaces/FunctionInterfaces.h>
#include <mlir/Pass/Pass.h>

namespace irlens::mlir_worker {

namespace {

using mlir::linalg::GenericOp;

/// One value for all elements: no input but scalars, nothing computed.
bool isFill(GenericOp op) {
  return op && op->getNumResults() == 1 && op.getNumReductionLoops() == 0 &&
         op.getBody()->without_terminator().empty() &&
         llvm::none_of(op.getInputs(),
                       [](mlir::Value input) {
                         return llvm::isa<mlir::ShapedType>(input.getType());
                       }) &&
         !op.payloadUsesValueFromOperand(op.getDpsInitOperand(0));
}

class SeparateInitialValues
    : public mlir::PassWrapper<SeparateInitialValues,
                               mlir::InterfacePass<mlir::FunctionOpInterface>> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(SeparateInitialValues)

  llvm::StringRef getArgument() const override {
    return "irlens-separate-initial-values";
  }
  llvm::StringRef getDescription() const override {
    return "Give each op that accumulates a fill of its own";
  }

  void runOnOperation() override {
    llvm::SmallVector<mlir::OpOperand *> shared;
    getOperation()->walk([&](mlir::linalg::LinalgOp op) {
      for (mlir::OpOperand &init : op.getDpsInitsMutable())
        if (auto fill = init.get().getDefiningOp<GenericOp>(); isFill(fill))
          shared.push_back(&init);
    });
    for (mlir::OpOperand *init : shared) {
      mlir::Operation *fill = init->get().getDefiningOp();
      init->set(copyOf(init->get(), init->getOwner()));
      if (fill->use_empty())
        fill->erase();
    }
  }

private:
  /// The fill again, right before its user, with an empty tensor of its own.
  static mlir::Value copyOf(mlir::Value value, mlir::Operation *user) {
    mlir::OpBuilder builder(user);
    auto fill = value.getDefiningOp<GenericOp>();
    mlir::IRMapping map;
    mlir::Value target = fill.getOutputs().front();
    if (auto empty = target.getDefiningOp<mlir::tensor::EmptyOp>())
      map.map(target, builder.clone(*empty)->getResult(0));
    return builder.clone(*fill, map)->getResult(0);
  }
};

} // namespace

void registerSeparateInitialValues() {
  mlir::PassRegistration<SeparateInitialValues>();
}

} // namespace irlens::mlir_worker

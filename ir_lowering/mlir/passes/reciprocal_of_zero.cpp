// irlens-reciprocal-of-zero: torch-mlir lowers aten.reciprocal with a run-time
// check that aborts on zero ("unimplemented: tensor with zero element"), where
// PyTorch gives infinity. Each batch norm has one such check in its innermost
// loop: it keeps the loop from being vectorised, and its text stands in every
// stage below. Without it the code does what PyTorch does. Other checks stay:
// they guard what the code really cannot do.
#include "ir_lowering/mlir/passes/passes.h"

#include <mlir/Dialect/ControlFlow/IR/ControlFlowOps.h>
#include <mlir/Interfaces/FunctionInterfaces.h>
#include <mlir/Pass/Pass.h>

namespace irlens::mlir_worker {

namespace {

/// The message in torch-mlir 20261001, lib/Conversion/TorchToLinalg.
constexpr llvm::StringLiteral kMessage =
    "unimplemented: tensor with zero element";

class ReciprocalOfZero
    : public mlir::PassWrapper<ReciprocalOfZero,
                               mlir::InterfacePass<mlir::FunctionOpInterface>> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ReciprocalOfZero)

  llvm::StringRef getArgument() const override {
    return "irlens-reciprocal-of-zero";
  }
  llvm::StringRef getDescription() const override {
    return "Let the reciprocal of zero be infinity, as in PyTorch";
  }

  void runOnOperation() override {
    getOperation()->walk([](mlir::cf::AssertOp check) {
      if (check.getMsg() == kMessage)
        check.erase();
    });
  }
};

} // namespace

void registerReciprocalOfZero() { mlir::PassRegistration<ReciprocalOfZero>(); }

} // namespace irlens::mlir_worker

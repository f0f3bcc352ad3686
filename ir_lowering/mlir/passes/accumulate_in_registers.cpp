// irlens-accumulate-in-registers: a reduction loop from linalg loads and stores
// its result in memory in each iteration. LLVM keeps it in a register only if
// it can prove that no input overlaps, which nobody can tell it about kernel
// arguments. Here the buffers are still known: the value becomes an iteration
// argument of the loop, from the innermost loop outwards.
#include "ir_lowering/mlir/passes/buffers.h"
#include "ir_lowering/mlir/passes/passes.h"

#include <mlir/Dialect/SCF/IR/SCF.h>
#include <mlir/IR/PatternMatch.h>
#include <mlir/Interfaces/FunctionInterfaces.h>
#include <mlir/Pass/Pass.h>

namespace irlens::mlir_worker {

namespace {

using mlir::memref::LoadOp;
using mlir::memref::StoreOp;

bool isInvariant(mlir::scf::ForOp loop, mlir::ValueRange values) {
  return llvm::all_of(values, [&](mlir::Value value) {
    return loop.isDefinedOutsideOfLoop(value);
  });
}

/// A value that is loaded at the start of an iteration and stored at its end.
struct Accumulator {
  LoadOp load;
  StoreOp store;
};

/// The load of the same element earlier in the iteration; null if there is
/// none, or if anything else in the loop may touch the buffer.
LoadOp findLoad(mlir::scf::ForOp loop, StoreOp store) {
  LoadOp found;
  auto result = loop.getBody()->walk([&](mlir::Operation *op) {
    if (op == store)
      return mlir::WalkResult::advance();
    auto load = llvm::dyn_cast<LoadOp>(op);
    if (load && !found && load->getBlock() == loop.getBody() &&
        load.getMemRef() == store.getMemRef() &&
        llvm::equal(load.getIndices(), store.getIndices()) &&
        load->isBeforeInBlock(store)) {
      found = load;
      return mlir::WalkResult::advance();
    }
    mlir::Value memref = load ? load.getMemRef() : mlir::Value();
    if (auto other = llvm::dyn_cast<StoreOp>(op))
      memref = other.getMemRef();
    bool harmless =
        memref ? !mayOverlap(memref, store.getMemRef())
               : op->hasTrait<mlir::OpTrait::HasRecursiveMemoryEffects>() ||
                     mlir::isMemoryEffectFree(op);
    return harmless ? mlir::WalkResult::advance()
                    : mlir::WalkResult::interrupt();
  });
  return result.wasInterrupted() ? LoadOp() : found;
}

std::optional<Accumulator> findAccumulator(mlir::scf::ForOp loop) {
  for (auto store : loop.getBody()->getOps<StoreOp>())
    if (isInvariant(loop, store.getMemRef()) &&
        isInvariant(loop, store.getIndices()))
      if (LoadOp load = findLoad(loop, store))
        return Accumulator{load, store};
  return std::nullopt;
}

/// Loads before the loop, stores behind it.
mlir::scf::ForOp hoist(mlir::RewriterBase &rewriter, mlir::scf::ForOp loop,
                       Accumulator found) {
  mlir::Value stored = found.store.getValueToStore();
  mlir::Value memref = found.store.getMemRef();
  llvm::SmallVector<mlir::Value> indices(found.store.getIndices());
  mlir::Location where = found.store.getLoc();
  rewriter.setInsertionPoint(loop);
  mlir::Value initial =
      LoadOp::create(rewriter, found.load.getLoc(), memref, indices);
  auto yield = [&](mlir::OpBuilder &, mlir::Location,
                   llvm::ArrayRef<mlir::BlockArgument>) {
    return llvm::SmallVector<mlir::Value>{stored};
  };
  auto made = llvm::cast<mlir::scf::ForOp>(
      llvm::cast<mlir::LoopLikeOpInterface>(loop.getOperation())
          .replaceWithAdditionalYields(rewriter, initial,
                                       /*replaceInitOperandUsesInLoop=*/false,
                                       yield)
          ->getOperation());
  rewriter.replaceOp(found.load, made.getRegionIterArgs().back());
  rewriter.eraseOp(found.store);
  rewriter.setInsertionPointAfter(made);
  StoreOp::create(rewriter, where, made.getResults().back(), memref, indices);
  return made;
}

class AccumulateInRegisters
    : public mlir::PassWrapper<AccumulateInRegisters,
                               mlir::InterfacePass<mlir::FunctionOpInterface>> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(AccumulateInRegisters)

  llvm::StringRef getArgument() const override {
    return "irlens-accumulate-in-registers";
  }
  llvm::StringRef getDescription() const override {
    return "Keep the result of a reduction loop in an iteration argument";
  }

  void runOnOperation() override {
    mlir::IRRewriter rewriter(&getContext());
    llvm::SmallVector<mlir::scf::ForOp> loops;
    // Inner loops first: what they store stands in the outer one then.
    getOperation()->walk([&](mlir::scf::ForOp loop) { loops.push_back(loop); });
    for (mlir::scf::ForOp loop : loops)
      while (auto found = findAccumulator(loop))
        loop = hoist(rewriter, loop, *found);
  }
};

} // namespace

void registerAccumulateInRegisters() {
  mlir::PassRegistration<AccumulateInRegisters>();
}

} // namespace irlens::mlir_worker

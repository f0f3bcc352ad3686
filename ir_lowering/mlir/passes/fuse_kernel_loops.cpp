// irlens-fuse-kernel-loops: two neighbouring scf.parallel become one kernel
// where the second goes on with what the first made: initial value, matmul,
// bias and activation. Allowed if each element that one of them writes and the
// other touches belongs to one iteration of both, so that no thread waits for
// another. MLIR's scf-parallel-loop-fusion gives up at each weight, because it
// cannot tell a global from a fresh buffer, and at each allocation in between.
#include "ir_lowering/mlir/passes/buffers.h"
#include "ir_lowering/mlir/passes/passes.h"

#include <mlir/Dialect/ControlFlow/IR/ControlFlowOps.h>
#include <mlir/Dialect/SCF/IR/SCF.h>
#include <mlir/Dialect/Utils/StaticValueUtils.h>
#include <mlir/IR/PatternMatch.h>
#include <mlir/Interfaces/FunctionInterfaces.h>
#include <mlir/Pass/Pass.h>

namespace irlens::mlir_worker {

namespace {

using mlir::scf::ParallelOp;

struct Access {
  mlir::Value memref;
  mlir::OperandRange indices;
  bool writes;
};

/// All accesses in a loop; nothing if it does anything else with memory.
std::optional<llvm::SmallVector<Access>> accessesOf(ParallelOp loop) {
  llvm::SmallVector<Access> accesses;
  auto result = loop.getBody()->walk([&](mlir::Operation *op) {
    if (auto load = llvm::dyn_cast<mlir::memref::LoadOp>(op))
      accesses.push_back({load.getMemRef(), load.getIndices(), false});
    else if (auto store = llvm::dyn_cast<mlir::memref::StoreOp>(op))
      accesses.push_back({store.getMemRef(), store.getIndices(), true});
    else if (!op->hasTrait<mlir::OpTrait::HasRecursiveMemoryEffects>() &&
             !llvm::isa<mlir::cf::AssertOp>(op) &&
             !mlir::isMemoryEffectFree(op))
      return mlir::WalkResult::interrupt();
    return mlir::WalkResult::advance();
  });
  if (result.wasInterrupted())
    return std::nullopt;
  return accesses;
}

bool isSame(mlir::Value left, mlir::Value right) {
  return left == right || mlir::isEqualConstantIntOrValue(left, right);
}

/// The dimensions that have more than one iteration. Ranks differ by the
/// others: a sum that keeps its dimension is initialised in two, computed in
/// one.
llvm::SmallVector<unsigned> properDims(ParallelOp loop) {
  llvm::SmallVector<unsigned> dims;
  for (unsigned dim = 0; dim < loop.getNumLoops(); ++dim)
    if (!mlir::isConstantIntValue(loop.getLowerBound()[dim], 0) ||
        !mlir::isConstantIntValue(loop.getUpperBound()[dim], 1))
      dims.push_back(dim);
  return dims;
}

bool haveSameBounds(ParallelOp first, ParallelOp second) {
  llvm::SmallVector<unsigned> left = properDims(first);
  llvm::SmallVector<unsigned> right = properDims(second);
  return left.size() == right.size() &&
         llvm::all_of_zip(left, right, [&](unsigned one, unsigned other) {
           return isSame(first.getLowerBound()[one],
                         second.getLowerBound()[other]) &&
                  isSame(first.getUpperBound()[one],
                         second.getUpperBound()[other]) &&
                  isSame(first.getStep()[one], second.getStep()[other]);
         });
}

/// Decides about one pair of loops with the same bounds.
class Neighbours {
public:
  Neighbours(ParallelOp first, ParallelOp second)
      : first_(first), second_(second) {}

  bool canFuse() const {
    auto before = accessesOf(first_);
    auto after = accessesOf(second_);
    if (!before || !after)
      return false;
    bool goesOn = false;
    for (const Access &one : *before)
      for (const Access &other : *after) {
        if ((!one.writes && !other.writes) ||
            !mayOverlap(one.memref, other.memref))
          continue;
        if (one.memref != other.memref || !isPrivate(one, other))
          return false;
        goesOn |= one.writes;
      }
    return goesOn;
  }

private:
  /// An index of a load or store: the proper dimension that it runs over, else
  /// a value.
  struct Index {
    std::optional<std::size_t> dim;
    mlir::Value value;
  };

  static Index indexOf(ParallelOp loop, mlir::Value index) {
    auto argument = llvm::dyn_cast<mlir::BlockArgument>(index);
    if (!argument || argument.getOwner() != loop.getBody())
      return {std::nullopt, index};
    llvm::SmallVector<unsigned> dims = properDims(loop);
    auto *found = llvm::find(dims, argument.getArgNumber());
    if (found == dims.end())
      return {std::nullopt, loop.getLowerBound()[argument.getArgNumber()]};
    return {std::size_t(found - dims.begin()), {}};
  }

  /// The same element for the same iteration, and for no other one.
  bool isPrivate(const Access &one, const Access &other) const {
    llvm::SmallVector<bool> used(properDims(first_).size(), false);
    for (auto [left, right] : llvm::zip_equal(one.indices, other.indices)) {
      Index before = indexOf(first_, left);
      Index after = indexOf(second_, right);
      if (before.dim != after.dim ||
          (!before.dim && !isSame(before.value, after.value)))
        return false;
      if (before.dim)
        used[*before.dim] = true;
    }
    return llvm::all_of(used, [](bool isUsed) { return isUsed; });
  }

  mutable ParallelOp first_;
  mutable ParallelOp second_;
};

/// Neither writes what the other touches.
bool areIndependent(ParallelOp one, ParallelOp other) {
  auto left = accessesOf(one);
  auto right = accessesOf(other);
  return left && right && llvm::none_of(*left, [&](const Access &first) {
           return llvm::any_of(*right, [&](const Access &second) {
             return (first.writes || second.writes) &&
                    mayOverlap(first.memref, second.memref);
           });
         });
}

/// Loops can change places with it: at most it makes a buffer.
bool isHarmless(mlir::Operation *op) {
  return op->getNumRegions() == 0 &&
         (mlir::isMemoryEffectFree(op) ||
          llvm::isa<mlir::memref::AllocOp, mlir::memref::GetGlobalOp>(op));
}

/// How far back a loop looks for what it goes on with.
constexpr std::size_t kWindow = 8;

class FuseKernelLoops
    : public mlir::PassWrapper<FuseKernelLoops,
                               mlir::InterfacePass<mlir::FunctionOpInterface>> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(FuseKernelLoops)

  llvm::StringRef getArgument() const override {
    return "irlens-fuse-kernel-loops";
  }
  llvm::StringRef getDescription() const override {
    return "Fuse neighbouring scf.parallel that work on the same elements";
  }

  void runOnOperation() override {
    mlir::IRRewriter rewriter(&getContext());
    llvm::SmallVector<mlir::Block *> blocks;
    getOperation()->walk<mlir::WalkOrder::PreOrder>([&](mlir::Operation *op) {
      if (llvm::isa<ParallelOp>(op))
        return mlir::WalkResult::skip();
      for (mlir::Region &region : op->getRegions())
        for (mlir::Block &block : region)
          blocks.push_back(&block);
      return mlir::WalkResult::advance();
    });
    for (mlir::Block *block : blocks)
      fuseIn(rewriter, *block);
  }

private:
  static void fuseIn(mlir::RewriterBase &rewriter, mlir::Block &block) {
    llvm::SmallVector<ParallelOp> before;
    for (mlir::Operation &op : llvm::make_early_inc_range(block)) {
      auto loop = llvm::dyn_cast<ParallelOp>(op);
      if (!loop || loop->getNumResults() != 0) {
        if (!isHarmless(&op))
          before.clear();
        continue;
      }
      while (ParallelOp *found = findFusible(before, loop)) {
        putInFront(rewriter, *found, loop);
        before.erase(found);
      }
      before.push_back(loop);
    }
  }

  /// The nearest loop that this one goes on with, if it can move down to it.
  static ParallelOp *findFusible(llvm::SmallVector<ParallelOp> &before,
                                 ParallelOp loop) {
    for (std::size_t back = 1; back <= std::min(before.size(), kWindow);
         ++back) {
      ParallelOp *candidate = before.end() - back;
      auto between = llvm::make_range(candidate + 1, before.end());
      if (haveSameBounds(*candidate, loop) &&
          Neighbours(*candidate, loop).canFuse() &&
          llvm::all_of(between, [&](ParallelOp other) {
            return areIndependent(*candidate, other);
          }))
        return candidate;
    }
    return nullptr;
  }

  static void putInFront(mlir::RewriterBase &rewriter, ParallelOp first,
                         ParallelOp second) {
    llvm::SmallVector<mlir::Value> ivs(first.getLowerBound());
    for (auto [from, to] :
         llvm::zip_equal(properDims(first), properDims(second)))
      ivs[from] = second.getInductionVars()[to];
    rewriter.eraseOp(first.getBody()->getTerminator());
    rewriter.inlineBlockBefore(first.getBody(), &second.getBody()->front(),
                               ivs);
    rewriter.eraseOp(first);
  }
};

} // namespace

void registerFuseKernelLoops() { mlir::PassRegistration<FuseKernelLoops>(); }

} // namespace irlens::mlir_worker

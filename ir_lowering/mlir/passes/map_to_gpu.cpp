// irlens-map-to-gpu: makes a gpu.launch of each outermost scf.parallel. MLIR's
// own way (tile, gpu-map-parallel-loops, convert-parallel-loops-to-gpu) gives
// blocks of one thread or a fixed tile for all loops, maps the first dimension
// to x, so that neighbouring threads are far apart in memory, and leaves loops
// whose bounds are known at run time only.
//
// A launch has up to three dimensions: x runs over the last dimensions of the
// loop, which are neighbours in memory, y over those before, z over the rest.
#include "ir_lowering/mlir/passes/passes.h"

#include <mlir/Dialect/Arith/IR/Arith.h>
#include <mlir/Dialect/GPU/IR/GPUDialect.h>
#include <mlir/Dialect/SCF/IR/SCF.h>
#include <mlir/Dialect/Utils/StaticValueUtils.h>
#include <mlir/IR/PatternMatch.h>
#include <mlir/Interfaces/FunctionInterfaces.h>
#include <mlir/Pass/Pass.h>

#include <algorithm>
#include <array>

namespace irlens::mlir_worker {

namespace {

using mlir::scf::ParallelOp;

constexpr std::int64_t kBlockSize = 256;
/// A warp of NVIDIA's GPUs, half a wavefront of AMD's.
constexpr std::int64_t kWarp = 32;
/// What the y and z dimensions of a CUDA grid can hold.
constexpr std::int64_t kMaxGrid = 65535;

/// Consecutive dimensions of a loop that become one dimension of the launch.
struct Group {
  std::vector<unsigned> dims;
  std::int64_t extent = 1; ///< Product of the sizes; 0: known at run time only.
  std::int64_t tile = 1;   ///< Threads of a block along it.

  void addInFront(unsigned dim, std::int64_t size) {
    dims.insert(dims.begin(), dim);
    extent *= size;
  }
  /// As many threads as there is work for, up to `limit`.
  void setTile(std::int64_t limit) {
    tile = extent == 0 ? limit : std::min(extent, limit);
  }
  bool isFilled(std::int64_t wanted) const {
    return extent == 0 || extent >= wanted;
  }
  bool needsGuard() const { return extent == 0 || extent % tile != 0; }
};

/// x, y and z; y and z may have no dimensions.
using Shape = std::array<Group, 3>;

std::int64_t sizeOf(ParallelOp loop, unsigned dim) {
  return std::max<std::int64_t>(
      mlir::getConstantIntValue(loop.getUpperBound()[dim]).value_or(0), 0);
}

Shape oneDimensional(ParallelOp loop) {
  Shape shape;
  for (unsigned dim = loop.getNumLoops(); dim-- > 0;)
    if (sizeOf(loop, dim) != 1)
      shape[0].addInFront(dim, sizeOf(loop, dim));
  shape[0].setTile(kBlockSize);
  return shape;
}

Shape shapeOf(ParallelOp loop) {
  Shape shape;
  auto &[x, y, z] = shape;
  for (unsigned dim = loop.getNumLoops(); dim-- > 0;) {
    std::int64_t size = sizeOf(loop, dim);
    if (size == 1)
      continue;
    bool xTakes = x.dims.empty() || (y.dims.empty() && !x.isFilled(kWarp));
    bool yTakes =
        y.dims.empty() || (z.dims.empty() && !y.isFilled(kBlockSize / kWarp));
    (xTakes ? x : yTakes ? y : z).addInFront(dim, size);
  }
  if (y.dims.empty())
    return oneDimensional(loop);
  x.setTile(kWarp);
  y.setTile(kBlockSize / x.tile);
  bool fits = y.extent / y.tile <= kMaxGrid && z.extent <= kMaxGrid;
  return fits ? shape : oneDimensional(loop);
}

/// Builds one launch.
class Launch {
public:
  Launch(mlir::RewriterBase &rewriter, ParallelOp loop)
      : rewriter_(rewriter), loop_(loop), where_(loop.getLoc()),
        shape_(shapeOf(loop)) {}

  void build() {
    rewriter_.setInsertionPoint(loop_);
    std::array<mlir::Value, 3> grids, blocks;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      extents_[axis] = extentOf(shape_[axis]);
      blocks[axis] = constant(shape_[axis].tile);
      grids[axis] = mlir::arith::CeilDivUIOp::create(
          rewriter_, where_, extents_[axis], blocks[axis]);
    }
    auto launch =
        mlir::gpu::LaunchOp::create(rewriter_, where_, grids[0], grids[1],
                                    grids[2], blocks[0], blocks[1], blocks[2]);
    rewriter_.setInsertionPointToStart(&launch.getBody().front());
    fill(launch);
    rewriter_.eraseOp(loop_);
  }

private:
  mlir::Value constant(std::int64_t value) {
    return mlir::arith::ConstantIndexOp::create(rewriter_, where_, value);
  }

  /// From 0 in steps of 1, as all loops from linalg are.
  bool isNormal(unsigned dim) {
    return mlir::isConstantIntValue(loop_.getLowerBound()[dim], 0) &&
           mlir::isConstantIntValue(loop_.getStep()[dim], 1);
  }

  mlir::Value tripCount(unsigned dim) {
    if (isNormal(dim))
      return loop_.getUpperBound()[dim];
    mlir::Value length = mlir::arith::SubIOp::create(
        rewriter_, where_, loop_.getUpperBound()[dim],
        loop_.getLowerBound()[dim]);
    return mlir::arith::CeilDivSIOp::create(rewriter_, where_, length,
                                            loop_.getStep()[dim]);
  }

  mlir::Value extentOf(const Group &group) {
    mlir::Value extent;
    for (unsigned dim : group.dims) {
      mlir::Value count = tripCount(dim);
      extent =
          extent ? mlir::arith::MulIOp::create(rewriter_, where_, extent, count)
                       .getResult()
                 : count;
    }
    return extent ? extent : constant(1);
  }

  void fill(mlir::gpu::LaunchOp launch) {
    mlir::gpu::KernelDim3 blocks = launch.getBlockIds();
    mlir::gpu::KernelDim3 threads = launch.getThreadIds();
    const std::array<std::pair<mlir::Value, mlir::Value>, 3> places = {
        {{blocks.x, threads.x}, {blocks.y, threads.y}, {blocks.z, threads.z}}};
    // Of a dimension that no group has, there is one iteration.
    llvm::SmallVector<mlir::Value> ivs(loop_.getLowerBound());
    mlir::Value inside;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      if (shape_[axis].dims.empty())
        continue;
      mlir::Value index =
          globalIndex(shape_[axis], places[axis].first, places[axis].second);
      if (shape_[axis].needsGuard())
        inside =
            both(inside, mlir::arith::CmpIOp::create(
                             rewriter_, where_, mlir::arith::CmpIPredicate::ult,
                             index, extents_[axis]));
      setInductionVariables(shape_[axis], index, ivs);
    }
    mlir::gpu::TerminatorOp::create(rewriter_, where_);
    mlir::Operation *end = launch.getBody().front().getTerminator();
    if (inside) {
      rewriter_.setInsertionPoint(end);
      auto guard = mlir::scf::IfOp::create(rewriter_, where_, inside);
      end = guard.thenBlock()->getTerminator();
    }
    rewriter_.eraseOp(loop_.getBody()->getTerminator());
    rewriter_.inlineBlockBefore(loop_.getBody(), end, ivs);
  }

  mlir::Value globalIndex(const Group &group, mlir::Value block,
                          mlir::Value thread) {
    if (group.tile == 1)
      return block;
    mlir::Value first = mlir::arith::MulIOp::create(rewriter_, where_, block,
                                                    constant(group.tile));
    return mlir::arith::AddIOp::create(rewriter_, where_, first, thread);
  }

  mlir::Value both(mlir::Value left, mlir::Value right) {
    return left ? mlir::arith::AndIOp::create(rewriter_, where_, left, right)
                      .getResult()
                : right;
  }

  /// The index along the group is a linear one over its dimensions.
  void setInductionVariables(const Group &group, mlir::Value index,
                             llvm::SmallVector<mlir::Value> &ivs) {
    for (unsigned dim : llvm::reverse(group.dims)) {
      mlir::Value position = index;
      if (dim != group.dims.front()) {
        mlir::Value count = tripCount(dim);
        position =
            mlir::arith::RemUIOp::create(rewriter_, where_, index, count);
        index = mlir::arith::DivUIOp::create(rewriter_, where_, index, count);
      }
      ivs[dim] = position;
      if (isNormal(dim))
        continue;
      mlir::Value offset = mlir::arith::MulIOp::create(
          rewriter_, where_, position, loop_.getStep()[dim]);
      ivs[dim] = mlir::arith::AddIOp::create(rewriter_, where_, offset,
                                             loop_.getLowerBound()[dim]);
    }
  }

  mlir::RewriterBase &rewriter_;
  ParallelOp loop_;
  mlir::Location where_;
  Shape shape_;
  std::array<mlir::Value, 3> extents_;
};

class MapToGpu
    : public mlir::PassWrapper<MapToGpu,
                               mlir::InterfacePass<mlir::FunctionOpInterface>> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(MapToGpu)

  llvm::StringRef getArgument() const override { return "irlens-map-to-gpu"; }
  llvm::StringRef getDescription() const override {
    return "Make a gpu.launch with blocks and threads of each outermost "
           "scf.parallel";
  }
  void getDependentDialects(mlir::DialectRegistry &registry) const override {
    registry.insert<mlir::arith::ArithDialect, mlir::gpu::GPUDialect,
                    mlir::scf::SCFDialect>();
  }

  void runOnOperation() override {
    llvm::SmallVector<ParallelOp> loops;
    getOperation()->walk<mlir::WalkOrder::PreOrder>([&](ParallelOp loop) {
      // What it returns would have to be combined over all blocks.
      if (loop->getNumResults() == 0)
        loops.push_back(loop);
      return mlir::WalkResult::skip();
    });
    mlir::IRRewriter rewriter(&getContext());
    for (ParallelOp loop : loops)
      Launch(rewriter, loop).build();
  }
};

} // namespace

void registerMapToGpu() { mlir::PassRegistration<MapToGpu>(); }

} // namespace irlens::mlir_worker

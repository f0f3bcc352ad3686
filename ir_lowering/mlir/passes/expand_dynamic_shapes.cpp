// irlens-expand-dynamic-shapes: a `memref.expand_shape` that splits a dimension
// into several of unknown size crashes MLIR 22's expand-strided-metadata, which
// derives the sizes of the parts by division. They stand in the operation, so
// it is written here as the reinterpret_cast that the pass would make of it.
#include "ir_lowering/mlir/passes/passes.h"

#include <mlir/Dialect/Affine/IR/AffineOps.h>
#include <mlir/Dialect/MemRef/IR/MemRef.h>
#include <mlir/IR/Builders.h>
#include <mlir/Interfaces/FunctionInterfaces.h>
#include <mlir/Pass/Pass.h>

namespace irlens::mlir_worker {

namespace {

bool splitsUnknownSizes(mlir::memref::ExpandShapeOp expand) {
  mlir::MemRefType type = expand.getResultType();
  return llvm::any_of(
      expand.getReassociationIndices(), [&](llvm::ArrayRef<int64_t> group) {
        return llvm::count_if(group, [&](std::int64_t dimension) {
                 return type.isDynamicDim(dimension);
               }) > 1;
      });
}

/// The stride of each dimension: that of the split one, times what is inside.
llvm::SmallVector<mlir::OpFoldResult>
stridesOf(mlir::memref::ExpandShapeOp expand, mlir::OpBuilder &builder,
          llvm::ArrayRef<mlir::OpFoldResult> sizes,
          llvm::ArrayRef<mlir::OpFoldResult> sourceStrides) {
  mlir::AffineExpr product =
      builder.getAffineSymbolExpr(0) * builder.getAffineSymbolExpr(1);
  llvm::SmallVector<mlir::OpFoldResult> strides(sizes.size());
  for (auto [group, sourceStride] :
       llvm::zip_equal(expand.getReassociationIndices(), sourceStrides)) {
    mlir::OpFoldResult stride = sourceStride;
    for (std::int64_t dimension : llvm::reverse(group)) {
      strides[dimension] = stride;
      stride = mlir::affine::makeComposedFoldedAffineApply(
          builder, expand.getLoc(), product, {stride, sizes[dimension]});
    }
  }
  return strides;
}

void rewrite(mlir::memref::ExpandShapeOp expand) {
  mlir::OpBuilder builder(expand);
  mlir::Location location = expand.getLoc();
  auto metadata = mlir::memref::ExtractStridedMetadataOp::create(
      builder, location, expand.getSrc());
  llvm::SmallVector<mlir::OpFoldResult> sizes = expand.getMixedOutputShape();
  llvm::SmallVector<mlir::OpFoldResult> strides =
      stridesOf(expand, builder, sizes, metadata.getConstifiedMixedStrides());
  auto cast = mlir::memref::ReinterpretCastOp::create(
      builder, location, expand.getResultType(), metadata.getBaseBuffer(),
      metadata.getConstifiedMixedOffset(), sizes, strides);
  expand.replaceAllUsesWith(cast.getResult());
  expand.erase();
}

class ExpandDynamicShapes
    : public mlir::PassWrapper<ExpandDynamicShapes,
                               mlir::InterfacePass<mlir::FunctionOpInterface>> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ExpandDynamicShapes)

  llvm::StringRef getArgument() const override {
    return "irlens-expand-dynamic-shapes";
  }
  llvm::StringRef getDescription() const override {
    return "Turn expand_shape of several unknown sizes into reinterpret_cast";
  }
  void getDependentDialects(mlir::DialectRegistry &registry) const override {
    registry.insert<mlir::affine::AffineDialect>();
  }

  void runOnOperation() override {
    getOperation()->walk([](mlir::memref::ExpandShapeOp expand) {
      if (splitsUnknownSizes(expand))
        rewrite(expand);
    });
  }
};

} // namespace

void registerExpandDynamicShapes() {
  mlir::PassRegistration<ExpandDynamicShapes>();
}

} // namespace irlens::mlir_worker

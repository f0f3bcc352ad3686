#include "ir_lowering/mlir/passes/kernel_labels.h"

#include <llvm/ADT/SetVector.h>
#include <llvm/ADT/StringSwitch.h>
#include <mlir/Dialect/Arith/IR/Arith.h>
#include <mlir/Dialect/Linalg/Utils/Utils.h>
#include <mlir/Dialect/Math/IR/Math.h>
#include <mlir/Dialect/MemRef/IR/MemRef.h>

namespace irlens::mlir_worker {

namespace {

/// Sets our names apart from those that a front end gives.
constexpr llvm::StringLiteral kPrefix = "irlens.kernel:";

/// "addf" and "addi" of arith are "add".
std::string plainName(mlir::Operation *op) {
  llvm::StringRef name = op->getName().stripDialect();
  return llvm::StringSwitch<std::string>(name)
      .Cases({"addf", "addi"}, "add")
      .Cases({"subf", "subi"}, "sub")
      .Cases({"mulf", "muli"}, "mul")
      .Cases({"divf", "divsi", "divui"}, "div")
      .Cases({"maximumf", "maxnumf", "maxsi", "maxui"}, "max")
      .Cases({"minimumf", "minnumf", "minsi", "minui"}, "min")
      .Cases({"cmpf", "cmpi"}, "compare")
      .Cases({"ori", "andi", "xori"}, "logical")
      .Cases({"extf", "truncf", "extsi", "extui", "trunci"}, "cast")
      .Cases({"sitofp", "uitofp", "fptosi", "fptoui", "index_cast"}, "cast")
      .Default(name.str());
}

/// What combines the elements of a reduction: the op behind the yielded value.
std::string combinerName(mlir::linalg::GenericOp op) {
  mlir::Operation *yield = op.getBody()->getTerminator();
  if (yield->getNumOperands() != 1)
    return "reduce";
  mlir::Operation *combiner = yield->getOperand(0).getDefiningOp();
  std::string name = combiner ? plainName(combiner) : "reduce";
  return llvm::StringSwitch<std::string>(name)
      .Case("add", "sum")
      .Case("mul", "product")
      .Cases({"max", "min"}, name)
      .Case("logical", "any")
      .Default("reduce");
}

bool multiplies(mlir::linalg::GenericOp op) {
  return !op.getBody()->getOps<mlir::arith::MulFOp>().empty() ||
         !op.getBody()->getOps<mlir::arith::MulIOp>().empty();
}

std::string contractionLabel(mlir::linalg::GenericOp op) {
  auto dims = mlir::linalg::inferContractionDims(op);
  if (mlir::failed(dims))
    return op.getNumParallelLoops() == 0 ? "dot" : "matvec";
  return dims->batch.empty() ? "matmul" : "batch_matmul";
}

std::string reductionLabel(mlir::linalg::GenericOp op) {
  if (mlir::linalg::isaContractionOpInterface(op))
    return contractionLabel(op);
  if (mlir::linalg::isaConvolutionOpInterface(op))
    return multiplies(op) ? "conv" : combinerName(op) + "_pool";
  return combinerName(op);
}

bool readsMemory(mlir::linalg::GenericOp op) {
  return !op.getBody()->getOps<mlir::memref::LoadOp>().empty();
}

/// No arithmetic: elements go from one place to another.
std::string movementLabel(mlir::linalg::GenericOp op) {
  if (readsMemory(op))
    return "gather";
  mlir::Value yielded = op.getBody()->getTerminator()->getOperand(0);
  auto argument = llvm::dyn_cast<mlir::BlockArgument>(yielded);
  if (!argument || argument.getOwner() != op.getBody())
    return "fill";
  mlir::AffineMap map = op.getIndexingMapsArray()[argument.getArgNumber()];
  if (map.isEmpty() || map.getNumResults() == 0)
    return "fill";
  if (map.isIdentity())
    return "copy";
  return map.isPermutation() ? "transpose" : "broadcast";
}

/// The one op that is computed, else the one that tells most.
std::string elementwiseLabel(mlir::linalg::GenericOp op) {
  llvm::SetVector<llvm::StringRef> mathOps;
  llvm::SmallVector<mlir::Operation *> computing;
  op.getBody()->walk([&](mlir::Operation *inner) {
    if (inner->getDialect() &&
        llvm::isa<mlir::math::MathDialect>(inner->getDialect()))
      mathOps.insert(inner->getName().stripDialect());
    if (!llvm::isa<mlir::linalg::YieldOp, mlir::linalg::IndexOp,
                   mlir::arith::ConstantOp>(inner))
      computing.push_back(inner);
  });
  if (!mathOps.empty())
    return mathOps.back().str();
  if (readsMemory(op))
    return "gather";
  return computing.size() == 1 ? plainName(computing.front()) : "elementwise";
}

bool computes(mlir::linalg::GenericOp op) {
  return llvm::any_of(
      op.getBody()->without_terminator(), [](mlir::Operation &inner) {
        return llvm::isa_and_nonnull<mlir::arith::ArithDialect,
                                     mlir::math::MathDialect>(
                   inner.getDialect()) &&
               !llvm::isa<mlir::arith::IndexCastOp, mlir::arith::ConstantOp>(
                   inner);
      });
}

} // namespace

std::string kernelLabel(mlir::linalg::GenericOp op) {
  if (op.getNumReductionLoops() > 0)
    return reductionLabel(op);
  return computes(op) ? elementwiseLabel(op) : movementLabel(op);
}

mlir::Location withLabel(mlir::Location location, llvm::StringRef label) {
  return mlir::NameLoc::get(
      mlir::StringAttr::get(location.getContext(), kPrefix + label), location);
}

std::optional<LabelledLocation> labelled(mlir::Location location) {
  auto name = llvm::dyn_cast<mlir::NameLoc>(location);
  if (!name || !name.getName().getValue().starts_with(kPrefix))
    return std::nullopt;
  return LabelledLocation{name.getName().getValue().drop_front(kPrefix.size()),
                          name.getChildLoc()};
}

} // namespace irlens::mlir_worker

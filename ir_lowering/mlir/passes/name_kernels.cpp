// irlens-name-kernels: names the kernels before they are outlined, after the
// function and what they compute (`main_matmul_tanh_3`), and puts all of them
// into one gpu.module. Weights come with them: a kernel names the weight that
// it reads instead of getting one more nameless pointer.
#include "ir_lowering/mlir/passes/kernel_labels.h"
#include "ir_lowering/mlir/passes/passes.h"

#include <llvm/ADT/SetVector.h>
#include <mlir/Dialect/GPU/IR/GPUDialect.h>
#include <mlir/Dialect/MemRef/IR/MemRef.h>
#include <mlir/IR/IRMapping.h>
#include <mlir/Interfaces/FunctionInterfaces.h>
#include <mlir/Pass/Pass.h>
#include <mlir/Transforms/RegionUtils.h>

namespace irlens::mlir_worker {

namespace {

using mlir::gpu::LaunchOp;

/// A name that tells more than this is not read any more.
constexpr std::size_t kMaxLabels = 4;

/// The labels in the launch in the order of the ops, taken off the locations.
llvm::SetVector<llvm::StringRef> takeLabels(LaunchOp launch) {
  llvm::SetVector<llvm::StringRef> labels;
  launch->walk<mlir::WalkOrder::PreOrder>([&](mlir::Operation *op) {
    if (auto found = labelled(op->getLoc())) {
      // Each op stores what it makes; loops and indices may be shared.
      if (llvm::isa<mlir::memref::StoreOp>(op))
        labels.insert(found->label);
      op->setLoc(found->location);
    }
  });
  return labels;
}

std::string nameOf(LaunchOp launch, llvm::StringRef function, unsigned index) {
  llvm::SetVector<llvm::StringRef> labels = takeLabels(launch);
  // Initial values say nothing where something is computed.
  for (llvm::StringRef minor : {"fill", "copy"})
    if (labels.size() > 1)
      labels.remove(minor);
  std::string name = function.str();
  for (llvm::StringRef label : labels.getArrayRef().take_front(kMaxLabels))
    name += "_" + label.str();
  return name + "_" + std::to_string(index);
}

/// What leads from a global to the memref that a kernel reads.
bool comesFromGlobal(mlir::Value value) {
  mlir::Operation *op = value.getDefiningOp();
  if (!op)
    return false;
  if (llvm::isa<mlir::memref::GetGlobalOp>(op))
    return true;
  return llvm::isa<mlir::memref::CollapseShapeOp, mlir::memref::ExpandShapeOp,
                   mlir::memref::CastOp>(op) &&
         llvm::all_of(op->getOperands(), comesFromGlobal);
}

mlir::Value cloneInto(mlir::OpBuilder &builder, mlir::Value value,
                      mlir::IRMapping &map) {
  if (mlir::Value known = map.lookupOrNull(value))
    return known;
  mlir::Operation *op = value.getDefiningOp();
  for (mlir::Value operand : op->getOperands())
    cloneInto(builder, operand, map);
  builder.clone(*op, map);
  return map.lookup(value);
}

void takeWeightsIn(LaunchOp launch) {
  llvm::SetVector<mlir::Value> used;
  mlir::getUsedValuesDefinedAbove(launch.getBody(), used);
  auto builder = mlir::OpBuilder::atBlockBegin(&launch.getBody().front());
  mlir::IRMapping map;
  for (mlir::Value value : used)
    if (comesFromGlobal(value)) {
      mlir::Value inside = cloneInto(builder, value, map);
      mlir::replaceAllUsesInRegionWith(value, inside, launch.getBody());
    }
}

class NameKernels
    : public mlir::PassWrapper<NameKernels,
                               mlir::OperationPass<mlir::ModuleOp>> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(NameKernels)

  llvm::StringRef getArgument() const override { return "irlens-name-kernels"; }
  llvm::StringRef getDescription() const override {
    return "Name kernels after what they compute, and take weights into them";
  }

  void runOnOperation() override {
    mlir::Builder builder(&getContext());
    auto symbol = [&](const std::string &name) {
      return mlir::FlatSymbolRefAttr::get(builder.getStringAttr(name));
    };
    for (auto function : getOperation().getOps<mlir::FunctionOpInterface>()) {
      unsigned index = 0;
      function->walk<mlir::WalkOrder::PreOrder>([&](LaunchOp launch) {
        launch.setFunctionAttr(
            symbol(nameOf(launch, function.getName(), index++)));
        launch.setModuleAttr(symbol("kernels"));
        takeWeightsIn(launch);
      });
      // What stayed with the host.
      function->walk([](mlir::Operation *op) {
        if (auto found = labelled(op->getLoc()))
          op->setLoc(found->location);
      });
    }
  }
};

} // namespace

void registerNameKernels() { mlir::PassRegistration<NameKernels>(); }

} // namespace irlens::mlir_worker

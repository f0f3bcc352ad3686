// irlens-externalize-weights: weights arrive as `dense_resource<NAME>` without
// a value, because values of weights do not enter the compilers. After
// bufferization each is a `memref.global` with that initial value, which
// nothing below can emit. This pass makes it a declaration under the
// parameter's name, so that it is an external symbol from there to assembly. It
// must be public: of a private global without value LLVM knows that nobody can
// ever write it, and folds `undef` through the whole model.
#include "ir_lowering/mlir/passes/passes.h"

#include <mlir/Dialect/MemRef/IR/MemRef.h>
#include <mlir/IR/BuiltinOps.h>
#include <mlir/IR/DialectResourceBlobManager.h>
#include <mlir/IR/SymbolTable.h>
#include <mlir/Pass/Pass.h>

namespace irlens::mlir_worker {

namespace {

/// The key of an initial value that is a resource without data; empty
/// otherwise.
llvm::StringRef nameOfMissingValue(mlir::memref::GlobalOp global) {
  auto resource = llvm::dyn_cast_or_null<mlir::DenseResourceElementsAttr>(
      global.getInitialValueAttr());
  if (!resource || resource.getRawHandle().getBlob())
    return "";
  return resource.getRawHandle().getKey();
}

class ExternalizeWeights
    : public mlir::PassWrapper<ExternalizeWeights,
                               mlir::OperationPass<mlir::ModuleOp>> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ExternalizeWeights)

  llvm::StringRef getArgument() const override {
    return "irlens-externalize-weights";
  }
  llvm::StringRef getDescription() const override {
    return "Make globals whose value is a resource without data external";
  }

  void runOnOperation() override {
    mlir::ModuleOp module = getOperation();
    mlir::SymbolTable symbols(module);
    llvm::SmallVector<mlir::memref::GlobalOp> weights;
    for (auto global : module.getOps<mlir::memref::GlobalOp>())
      if (!nameOfMissingValue(global).empty())
        weights.push_back(global);
    for (mlir::memref::GlobalOp global : weights) {
      std::string name = unusedName(symbols, nameOfMissingValue(global));
      global.removeInitialValueAttr();
      global.setPublic();
      if (mlir::failed(symbols.rename(global, name)))
        return signalPassFailure();
    }
  }

private:
  static std::string unusedName(mlir::SymbolTable &symbols,
                                llvm::StringRef wanted) {
    std::string name = wanted.str();
    for (unsigned suffix = 1; symbols.lookup(name); ++suffix)
      name = (wanted + "." + llvm::Twine(suffix)).str();
    return name;
  }
};

} // namespace

void registerExternalizeWeights() {
  mlir::PassRegistration<ExternalizeWeights>();
}

} // namespace irlens::mlir_worker

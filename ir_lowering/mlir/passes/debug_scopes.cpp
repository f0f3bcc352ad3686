// irlens-debug-scopes: carries call chains of Python frames into LLVM's debug
// info. torch-mlir's locations are chains of plain file positions,
// callsite("linear.py":134 at callsite("net.py":9 at "net.py":16)). LLVM wants
// a scope (a DISubprogram) for each frame: MLIR's translation drops frames that
// have none, and the upstream pass that adds scopes handles the outermost frame
// only. Runs on the LLVM dialect, right before the translation to LLVM IR.
#include "ir_lowering/mlir/passes/passes.h"

#include "ir_lowering/mlir/diagnostics.h"

#include <llvm/BinaryFormat/Dwarf.h>
#include <llvm/Support/Path.h>
#include <mlir/Dialect/LLVMIR/LLVMDialect.h>
#include <mlir/IR/BuiltinOps.h>
#include <mlir/Pass/Pass.h>

namespace irlens::mlir_worker {

namespace {

using namespace mlir::LLVM;

/// Makes the scopes of one module. A frame knows its file and line but no
/// function name, so that all inlined frames of a file share a subprogram named
/// after the file: `inlinedAt` tells the calls apart.
class Scopes {
public:
  Scopes(mlir::MLIRContext *context, mlir::StringAttr mainFile)
      : context_(context), unit_(makeUnit(mainFile)) {}

  DISubprogramAttr subprogram(mlir::StringAttr name, mlir::StringAttr file,
                              unsigned line, mlir::StringAttr symbol) {
    DIFileAttr where = fileAttr(file);
    return DISubprogramAttr::get(
        context_, newId(), unit_, where, name, symbol, where, line, line,
        DISubprogramFlags::Definition,
        DISubroutineTypeAttr::get(context_, llvm::dwarf::DW_CC_normal, {}), {},
        {});
  }

  /// Scope of the frames of `file` that were inlined into a function.
  DISubprogramAttr inlined(mlir::StringAttr file) {
    DISubprogramAttr &scope = inlined_[file];
    if (!scope)
      scope =
          subprogram(mlir::StringAttr::get(
                         context_, llvm::sys::path::filename(file.getValue())),
                     file, 0, /*symbol=*/{});
    return scope;
  }

  /// Scope of the function's own frames that stand in another file than it
  /// does.
  DILocalScopeAttr within(DISubprogramAttr function, mlir::StringAttr file) {
    if (function.getFile().getName() == file)
      return function;
    return DILexicalBlockFileAttr::get(context_, function, fileAttr(file), 0);
  }

private:
  mlir::DistinctAttr newId() {
    return mlir::DistinctAttr::create(mlir::UnitAttr::get(context_));
  }

  /// The whole path as the name: what compilers print as comments in assembly
  /// is the name alone, and links are read from there.
  DIFileAttr fileAttr(mlir::StringAttr file) {
    return DIFileAttr::get(context_, file, mlir::StringAttr::get(context_, ""));
  }

  DICompileUnitAttr makeUnit(mlir::StringAttr file) {
    return DICompileUnitAttr::get(
        newId(), llvm::dwarf::DW_LANG_Python, fileAttr(file),
        mlir::StringAttr::get(context_, "irlens"), /*isOptimized=*/true,
        DIEmissionKind::LineTablesOnly);
  }

  mlir::MLIRContext *context_;
  DICompileUnitAttr unit_;
  llvm::DenseMap<mlir::StringAttr, DISubprogramAttr> inlined_;
};

/// Rewrites the locations of one function.
class FunctionScopes {
public:
  FunctionScopes(Scopes &scopes, LLVMFuncOp function, const Frames &place)
      : scopes_(scopes), context_(function.getContext()),
        subprogram_(scopes.subprogram(
            function.getSymNameAttr(), fileOf(place.back()),
            lineOf(place.back()), function.getSymNameAttr())) {
    function->setLoc(
        mlir::FusedLoc::get({position(place.back())}, subprogram_, context_));
    function.getBody().walk([&](mlir::Operation *op) { rewrite(op); });
  }

private:
  mlir::StringAttr fileOf(const engine::SourcePos &frame) const {
    return mlir::StringAttr::get(context_, frame.file);
  }
  static unsigned lineOf(const engine::SourcePos &frame) {
    return static_cast<unsigned>(frame.line);
  }
  mlir::Location position(const engine::SourcePos &frame) const {
    return mlir::FileLineColLoc::get(fileOf(frame), lineOf(frame),
                                     static_cast<unsigned>(frame.column));
  }
  mlir::Location scoped(const engine::SourcePos &frame,
                        DILocalScopeAttr scope) const {
    return mlir::FusedLoc::get({position(frame)}, scope, context_);
  }

  mlir::Location chain(const Frames &frames) {
    const engine::SourcePos &outermost = frames.back();
    mlir::Location location =
        scoped(outermost, scopes_.within(subprogram_, fileOf(outermost)));
    for (auto frame = frames.rbegin() + 1; frame != frames.rend(); ++frame)
      location = mlir::CallSiteLoc::get(
          scoped(*frame, scopes_.inlined(fileOf(*frame))), location);
    return location;
  }

  void rewrite(mlir::Operation *op) {
    mlir::Location &location =
        rewritten_.try_emplace(op->getLoc(), op->getLoc()).first->second;
    if (location == op->getLoc())
      if (Frames frames = framesOf(op->getLoc()); !frames.empty())
        location = chain(frames);
    if (llvm::isa<mlir::UnknownLoc>(location) && llvm::isa<CallOp>(op)) {
      // LLVM's verifier wants a location on calls of functions that have debug
      // info; line 0 means that no source line is to blame.
      op->setLoc(mlir::FusedLoc::get(
          {mlir::FileLineColLoc::get(subprogram_.getFile().getName(), 0, 0)},
          subprogram_, context_));
      return;
    }
    op->setLoc(location);
  }

  Scopes &scopes_;
  mlir::MLIRContext *context_;
  DISubprogramAttr subprogram_;
  llvm::DenseMap<mlir::Location, mlir::Location> rewritten_;
};

/// Where a function stands: its own location, else that of its first op that
/// has one.
Frames placeOf(LLVMFuncOp function) {
  Frames frames = framesOf(function.getLoc());
  if (frames.empty())
    function.getBody().walk([&](mlir::Operation *op) {
      frames = framesOf(op->getLoc());
      return frames.empty() ? mlir::WalkResult::advance()
                            : mlir::WalkResult::interrupt();
    });
  return frames;
}

bool hasScope(LLVMFuncOp function) {
  auto fused = llvm::dyn_cast<mlir::FusedLoc>(function.getLoc());
  return fused && llvm::isa_and_nonnull<DISubprogramAttr>(fused.getMetadata());
}

class DebugScopes
    : public mlir::PassWrapper<DebugScopes,
                               mlir::OperationPass<mlir::ModuleOp>> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(DebugScopes)

  llvm::StringRef getArgument() const override { return "irlens-debug-scopes"; }
  llvm::StringRef getDescription() const override {
    return "Give every frame of a location's call chain a debug info scope";
  }
  void getDependentDialects(mlir::DialectRegistry &registry) const override {
    registry.insert<LLVMDialect>();
  }

  void runOnOperation() override {
    std::optional<Scopes> scopes;
    for (auto function : getOperation().getOps<LLVMFuncOp>()) {
      if (function.isExternal() || hasScope(function))
        continue;
      Frames place = placeOf(function);
      if (place.empty())
        continue;
      if (!scopes)
        scopes.emplace(&getContext(),
                       mlir::StringAttr::get(&getContext(), place.back().file));
      FunctionScopes(*scopes, function, place);
    }
  }
};

} // namespace

void registerDebugScopes() { mlir::PassRegistration<DebugScopes>(); }

} // namespace irlens::mlir_worker

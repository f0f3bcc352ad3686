// MLIR's parser and verifier over a text that somebody types. An operation of a
// dialect that is not linked here is no error: such files are shown and go
// through the user's tools.
#include "ir_lowering/mlir/compiler.h"
#include "ir_lowering/mlir/input_check.h"

#include <algorithm>
#include <fmt/format.h>
#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/StringSet.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/SourceMgr.h>
#include <mlir/AsmParser/AsmParser.h>
#include <mlir/AsmParser/AsmParserState.h>
#include <mlir/IR/Block.h>
#include <mlir/IR/Verifier.h>

namespace irlens::mlir_worker {

namespace {

constexpr std::size_t kMaxDiagnostics = 200;

/// One module: the file, or what stands between two `// -----`.
class ModuleCheck {
public:
  ModuleCheck(mlir::MLIRContext &context, std::string text,
              const std::string &name, std::vector<ReportDiagnostic> &found)
      : context_(context), name_(name), found_(found) {
    buffer_ = sources_.AddNewSourceBuffer(
        llvm::MemoryBuffer::getMemBufferCopy(text, name), llvm::SMLoc());
  }

  void run(llvm::StringSet<> &unknownDialects) {
    mlir::ScopedDiagnosticHandler handler(
        &context_, [this](mlir::Diagnostic &one) { add(one); });
    mlir::Block block;
    // Verified afterwards, when it is known where each operation stands.
    mlir::ParserConfig config(&context_, /*verifyAfterParse=*/false);
    if (mlir::failed(
            mlir::parseAsmSourceFile(sources_, &block, config, &places_)))
      return;
    for (const auto &definition : places_.getOpDefs())
      rangeOf_.try_emplace(definition.op->getLoc().getAsOpaquePointer(),
                           definition.loc);
    for (mlir::Operation &op : block) {
      (void)mlir::verify(&op);
      op.walk([&](mlir::Operation *inner) {
        noteUnknownDialect(inner, unknownDialects);
      });
    }
  }

private:
  void add(mlir::Diagnostic &diagnostic) {
    if (found_.size() >= kMaxDiagnostics)
      return;
    ReportDiagnostic result{.severity = severityOf(diagnostic.getSeverity()),
                            .message = shortened(diagnostic.str(), 2000)};
    place(diagnostic.getLocation(), result);
    // The parser cannot go on behind an operation that it cannot read.
    if (result.message.starts_with("Dialect `")) {
      result.severity = "info";
      result.message += "; the file is not checked beyond it";
    }
    for (mlir::Diagnostic &note : diagnostic.getNotes())
      result.notes.push_back(
          {shortened(note.str(), 2000), framesOf(note.getLocation())});
    found_.push_back(std::move(result));
  }

  static std::string severityOf(mlir::DiagnosticSeverity severity) {
    switch (severity) {
    case mlir::DiagnosticSeverity::Error:
      return "error";
    case mlir::DiagnosticSeverity::Warning:
      return "warning";
    default:
      return "info";
    }
  }

  void place(mlir::Location location, ReportDiagnostic &result) {
    Frames frames = framesOf(location);
    bool isHere = !frames.empty() && frames.front().file == name_;
    if (auto range = llvm::dyn_cast<mlir::FileLineColRange>(location);
        isHere && range && range.getEndLine() > 0 &&
        (range.getEndLine() != range.getStartLine() ||
         range.getEndColumn() > range.getStartColumn())) {
      result.endLine = static_cast<int>(range.getEndLine());
      result.endColumn = static_cast<int>(range.getEndColumn());
    } else if (isHere) {
      setRange(mlir::AsmParserState::convertIdLocToRange(
                   sources_.FindLocForLineAndColumn(
                       buffer_, static_cast<unsigned>(frames.front().line),
                       static_cast<unsigned>(frames.front().column))),
               result);
      return;
    } else if (auto at = rangeOf_.find(location.getAsOpaquePointer());
               at != rangeOf_.end()) {
      // The text has a `loc(...)` of its own there: where it stands counts.
      setRange(at->second, result);
      return;
    }
    result.frames = std::move(frames);
  }

  void setRange(llvm::SMRange range, ReportDiagnostic &result) {
    if (!range.isValid()) {
      result.frames = {{name_, 1, 1}};
      return;
    }
    auto [line, column] = sources_.getLineAndColumn(range.Start, buffer_);
    auto [endLine, endColumn] = sources_.getLineAndColumn(range.End, buffer_);
    result.frames = {{name_, static_cast<int>(line), static_cast<int>(column)}};
    result.endLine = static_cast<int>(endLine);
    result.endColumn = static_cast<int>(endColumn);
  }

  /// Each dialect once, at its first operation.
  void noteUnknownDialect(mlir::Operation *op, llvm::StringSet<> &known) {
    llvm::StringRef dialect = op->getName().getDialectNamespace();
    if (op->isRegistered() || op->getDialect() || !known.insert(dialect).second)
      return;
    ReportDiagnostic result{
        .severity = "info",
        .message = fmt::format("the dialect '{}' is not known here: its "
                               "operations are not checked",
                               dialect.str())};
    place(op->getLoc(), result);
    found_.push_back(std::move(result));
  }

  mlir::MLIRContext &context_;
  const std::string &name_;
  std::vector<ReportDiagnostic> &found_;
  llvm::SourceMgr sources_;
  unsigned buffer_ = 0;
  mlir::AsmParserState places_;
  llvm::DenseMap<const void *, llvm::SMRange> rangeOf_;
};

/// The file's modules, each behind as many line breaks as it has in the file.
std::vector<std::string> splitModules(llvm::StringRef text) {
  std::vector<std::string> modules;
  std::size_t lines = 0;
  while (true) {
    std::size_t at = 0;
    do
      at = text.find("// -----", at == 0 ? 0 : at + 1);
    while (at != llvm::StringRef::npos && at != 0 && text[at - 1] != '\n');
    llvm::StringRef module = text.substr(0, at);
    modules.push_back(std::string(lines, '\n') + module.str());
    if (at == llvm::StringRef::npos)
      return modules;
    std::size_t next = std::min(text.find('\n', at), text.size() - 1) + 1;
    lines += text.substr(0, next).count('\n');
    text = text.substr(next);
  }
}

} // namespace

std::vector<ReportDiagnostic> checkMlir(const Check &check,
                                        Compiler &compiler) {
  mlir::MLIRContext &context = compiler.context();
  context.allowUnregisteredDialects();
  auto file = llvm::MemoryBuffer::getFile(check.path, /*IsText=*/true);
  if (!file)
    return {{.message =
                 fmt::format("{}: {}", check.name, file.getError().message())}};
  std::vector<ReportDiagnostic> found;
  llvm::StringSet<> unknownDialects;
  for (std::string &module : splitModules((*file)->getBuffer()))
    ModuleCheck(context, std::move(module), check.name, found)
        .run(unknownDialects);
  return found;
}

} // namespace irlens::mlir_worker

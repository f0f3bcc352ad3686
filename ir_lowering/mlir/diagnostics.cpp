#include "ir_lowering/mlir/diagnostics.h"

#include <algorithm>
#include <llvm/IR/DebugInfo.h>
#include <llvm/IR/DiagnosticInfo.h>
#include <llvm/IR/DiagnosticPrinter.h>
#include <llvm/IR/Function.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/Support/raw_ostream.h>
#include <mlir/IR/BuiltinAttributes.h>

namespace irlens::mlir_worker {

namespace {

/// "see current operation" prints whole functions.
constexpr std::size_t kMessageLimit = 2000;
/// A pass that warns about every op says nothing new after these.
constexpr std::size_t kDiagnosticLimit = 200;

void appendFrames(mlir::Location location, Frames &frames) {
  if (auto call = llvm::dyn_cast<mlir::CallSiteLoc>(location)) {
    appendFrames(call.getCallee(), frames);
    appendFrames(call.getCaller(), frames);
  } else if (auto name = llvm::dyn_cast<mlir::NameLoc>(location)) {
    appendFrames(name.getChildLoc(), frames);
  } else if (auto fused = llvm::dyn_cast<mlir::FusedLoc>(location)) {
    std::size_t before = frames.size();
    for (mlir::Location part : fused.getLocations())
      if (frames.size() == before)
        appendFrames(part, frames);
  } else if (auto place = llvm::dyn_cast<mlir::FileLineColLoc>(location)) {
    frames.push_back({place.getFilename().str(),
                      static_cast<int>(place.getLine()),
                      static_cast<int>(place.getColumn())});
  }
}

/// The op of "'linalg.matmul' op operand #0 ..." and "failed to legalize
/// operation 'torch.aten.foo' ...": the first quoted name with a dialect.
std::string opNamedIn(std::string_view message) {
  std::size_t open = message.find('\'');
  if (open == std::string_view::npos)
    return "";
  std::string_view quoted = message.substr(open + 1);
  quoted = quoted.substr(0, quoted.find('\''));
  bool isOp = open == 0 || message.substr(0, open).ends_with("operation ");
  bool dotted = quoted.find('.') != std::string_view::npos &&
                quoted.find(' ') == std::string_view::npos;
  return isOp && dotted ? std::string(quoted) : "";
}

std::string severityName(mlir::DiagnosticSeverity severity) {
  switch (severity) {
  case mlir::DiagnosticSeverity::Error:
    return "error";
  case mlir::DiagnosticSeverity::Warning:
    return "warning";
  case mlir::DiagnosticSeverity::Note:
  case mlir::DiagnosticSeverity::Remark:
    return "info";
  }
  return "error";
}

std::string severityName(llvm::DiagnosticSeverity severity) {
  switch (severity) {
  case llvm::DS_Error:
    return "error";
  case llvm::DS_Warning:
    return "warning";
  case llvm::DS_Remark:
  case llvm::DS_Note:
    return "info";
  }
  return "error";
}

/// A DiagnosticLocation has lost the calls around it: finds an instruction of
/// the function at that place, which still has them.
Frames framesAt(const llvm::DiagnosticInfoWithLocationBase &info) {
  llvm::DiagnosticLocation place = info.getLocation();
  if (!place.isValid())
    return {};
  for (const llvm::Instruction &instruction :
       llvm::instructions(info.getFunction()))
    if (const llvm::DILocation *location = instruction.getDebugLoc().get();
        location && location->getLine() == place.getLine() &&
        location->getColumn() == place.getColumn() &&
        location->getFilename() == place.getRelativePath())
      return framesOf(location);
  return {{place.getAbsolutePath(), static_cast<int>(place.getLine()),
           static_cast<int>(place.getColumn())}};
}

/// LLVM has no cast to this base class.
bool hasLocation(const llvm::DiagnosticInfo &info) {
  switch (info.getKind()) {
  case llvm::DK_GenericWithLoc:
  case llvm::DK_LegalizationFailure:
  case llvm::DK_RegAllocFailure:
  case llvm::DK_ResourceLimit:
  case llvm::DK_StackSize:
  case llvm::DK_Unsupported:
    return true;
  default:
    return info.getKind() >= llvm::DK_FirstRemark &&
           info.getKind() <= llvm::DK_LastMachineRemark;
  }
}

class LlvmHandler : public llvm::DiagnosticHandler {
public:
  explicit LlvmHandler(Diagnostics &diagnostics) : diagnostics_(diagnostics) {}

  bool handleDiagnostics(const llvm::DiagnosticInfo &info) override {
    // Remarks are asked for by options that we do not set; what comes unasked
    // are hints to compiler authors.
    if (info.getSeverity() == llvm::DS_Remark)
      return true;
    if (info.getSeverity() == llvm::DS_Error)
      HasErrors = true;
    ReportDiagnostic diagnostic{.severity = severityName(info.getSeverity())};
    llvm::raw_string_ostream stream(diagnostic.message);
    llvm::DiagnosticPrinterRawOStream printer(stream);
    info.print(printer);
    if (hasLocation(info))
      diagnostic.frames = framesAt(
          static_cast<const llvm::DiagnosticInfoWithLocationBase &>(info));
    diagnostics_.add(std::move(diagnostic));
    return true;
  }

private:
  Diagnostics &diagnostics_;
};

} // namespace

Frames framesOf(mlir::Location location) {
  Frames frames;
  appendFrames(location, frames);
  return frames;
}

Frames framesOf(const llvm::DILocation *location) {
  Frames frames;
  for (; location; location = location->getInlinedAt()) {
    std::string file = location->getFilename().str();
    if (!file.starts_with('/') && !location->getDirectory().empty())
      file = location->getDirectory().str() + "/" + file;
    frames.push_back({file, static_cast<int>(location->getLine()),
                      static_cast<int>(location->getColumn())});
  }
  return frames;
}

Diagnostics::Diagnostics(mlir::MLIRContext &context)
    : handler_(&context,
               [this](mlir::Diagnostic &diagnostic) { addMlir(diagnostic); }) {}

void Diagnostics::add(ReportDiagnostic diagnostic) {
  if (collected_.size() >= kDiagnosticLimit)
    return;
  if (diagnostic.pass.empty())
    diagnostic.pass = pass_;
  diagnostic.message = shortened(std::move(diagnostic.message), kMessageLimit);
  for (ReportNote &note : diagnostic.notes)
    note.message = shortened(std::move(note.message), kMessageLimit);
  collected_.push_back(std::move(diagnostic));
}

void Diagnostics::addIfSilent(const std::string &message) {
  if (!hasErrors())
    add({.message = message});
}

bool Diagnostics::hasErrors() const {
  return std::ranges::any_of(collected_, [](const ReportDiagnostic &one) {
    return one.severity == "error";
  });
}

std::unique_ptr<llvm::DiagnosticHandler> Diagnostics::llvmHandler() {
  return std::make_unique<LlvmHandler>(*this);
}

void Diagnostics::addMlir(mlir::Diagnostic &diagnostic) {
  ReportDiagnostic result{.severity = severityName(diagnostic.getSeverity()),
                          .message = diagnostic.str(),
                          .frames = framesOf(diagnostic.getLocation())};
  result.op = opNamedIn(result.message);
  for (mlir::Diagnostic &note : diagnostic.getNotes())
    result.notes.push_back({note.str(), framesOf(note.getLocation())});
  add(std::move(result));
}

} // namespace irlens::mlir_worker

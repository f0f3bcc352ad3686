// LLVM's parser and verifier over a text that somebody types. The verifier
// names no places: it prints the values that it complains of, which are looked
// up here in what the parser has noted.
#include "ir_lowering/mlir/input_check.h"

#include <algorithm>
#include <fmt/format.h>
#include <llvm/AsmParser/AsmParserContext.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Verifier.h>
#include <llvm/IRReader/IRReader.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/SourceMgr.h>
#include <llvm/Support/raw_ostream.h>

namespace irlens::mlir_worker {

namespace {

/// Past the name, number or word that begins at `column` (from 0).
std::size_t endOfToken(llvm::StringRef line, std::size_t column) {
  auto isPart = [](char c) {
    return llvm::isAlnum(c) || c == '_' || c == '.' || c == '$' || c == '-';
  };
  std::size_t end = std::min(column, line.size());
  if (end < line.size() && !isPart(line[end]))
    ++end; // A sigil, or a sign of its own.
  while (end < line.size() && isPart(line[end]))
    ++end;
  return std::max(end, column + 1);
}

ReportDiagnostic parseError(const llvm::SMDiagnostic &error,
                            const std::string &name) {
  ReportDiagnostic result{.message = error.getMessage().str()};
  if (error.getLineNo() <= 0) {
    result.frames = {{name, 1, 1}};
    return result;
  }
  auto column = static_cast<std::size_t>(std::max(error.getColumnNo(), 0));
  std::size_t end = error.getRanges().empty()
                        ? endOfToken(error.getLineContents(), column)
                        : error.getRanges().front().second;
  result.frames = {{name, error.getLineNo(), static_cast<int>(column) + 1}};
  result.endLine = error.getLineNo();
  result.endColumn = static_cast<int>(end) + 1;
  return result;
}

std::string textOf(const llvm::Instruction &instruction) {
  std::string text;
  llvm::raw_string_ostream(text) << instruction;
  return text;
}

/// A line of the verifier that shows a value, not a complaint.
bool isValue(llvm::StringRef line) {
  if (line.starts_with(" "))
    return true;
  llvm::StringRef last = line.rsplit(' ').second;
  if (last.empty())
    last = line;
  bool isSentence = line.ends_with("!") || line.ends_with(".");
  return !isSentence && (last.starts_with("%") || last.starts_with("@") ||
                         last.starts_with("!"));
}

class Verification {
public:
  Verification(llvm::Module &module, const llvm::AsmParserContext &places,
               const std::string &name)
      : module_(module), places_(places), name_(name) {}

  std::vector<ReportDiagnostic> run() {
    std::string all;
    llvm::raw_string_ostream words(all);
    if (!llvm::verifyModule(module_, &words))
      return {};
    for (llvm::Function &function : module_) {
      std::string said;
      llvm::raw_string_ostream stream(said);
      if (llvm::verifyFunction(function, &stream))
        read(said, &function);
    }
    // Globals and metadata are of no function.
    if (found_.empty())
      read(all, nullptr);
    return std::move(found_);
  }

private:
  void read(llvm::StringRef words, const llvm::Function *function) {
    llvm::SmallVector<llvm::StringRef> lines;
    words.split(lines, '\n', -1, /*KeepEmpty=*/false);
    bool placed = false;
    for (llvm::StringRef line : lines) {
      if (!isValue(line) || found_.empty()) {
        found_.push_back({.message = line.trim().str()});
        place(function ? places_.getFunctionLocation(function) : std::nullopt);
        placed = false;
        continue;
      }
      found_.back().notes.push_back({line.trim().str(), {}});
      if (!placed && function)
        placed = placeAt(*function, line);
    }
  }

  /// The first value that is an instruction of the function.
  bool placeAt(const llvm::Function &function, llvm::StringRef line) {
    for (const llvm::Instruction &instruction : llvm::instructions(function))
      if (llvm::StringRef(textOf(instruction)).trim() == line.trim()) {
        place(places_.getInstructionLocation(&instruction));
        return true;
      }
    return false;
  }

  void place(std::optional<llvm::FileLocRange> range) {
    ReportDiagnostic &last = found_.back();
    if (!range) {
      last.frames = {{name_, 1, 1}};
      return;
    }
    last.frames = {{name_, static_cast<int>(range->Start.Line) + 1,
                    static_cast<int>(range->Start.Col) + 1}};
    last.endLine = static_cast<int>(range->End.Line) + 1;
    last.endColumn = static_cast<int>(range->End.Col) + 1;
  }

  llvm::Module &module_;
  const llvm::AsmParserContext &places_;
  const std::string &name_;
  std::vector<ReportDiagnostic> found_;
};

} // namespace

std::vector<ReportDiagnostic> checkLlvm(const Check &check) {
  auto file = llvm::MemoryBuffer::getFile(check.path, /*IsText=*/true);
  if (!file)
    return {{.message =
                 fmt::format("{}: {}", check.name, file.getError().message())}};
  llvm::LLVMContext context;
  llvm::SMDiagnostic error;
  llvm::AsmParserContext places;
  auto module = llvm::parseIR((*file)->getMemBufferRef(), error, context,
                              llvm::ParserCallbacks(), &places);
  if (!module)
    return {parseError(error, check.name)};
  return Verification(*module, places, check.name).run();
}

} // namespace irlens::mlir_worker

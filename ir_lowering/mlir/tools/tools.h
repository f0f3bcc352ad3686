// LLVM's and MLIR's command line tools as functions. Each is called at most
// once in a process, a fork that is for it alone: they register options, print
// to standard output, and may call exit.
#pragma once

#include "ir_lowering/mlir/compiler.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace irlens::mlir_worker {

struct InProcessTool {
  std::string_view name;
  /// The text is on standard input, too. Returns the exit code.
  int (*run)(Compiler &compiler, const TextFile &text,
             std::vector<std::string> arguments);
};

std::span<const InProcessTool> inProcessTools();

/// Null when this process cannot be the tool.
const InProcessTool *findInProcessTool(std::string_view name);

/// The program of this name that belongs to the LLVM that irlens links: in
/// LLVM_BIN_PATH, where LLVM's packages put it, or as NAME-22 in PATH. Empty if
/// there is none.
std::string findProgramOf(std::string_view tool);

// What the table above consists of.
int runMlirOpt(Compiler &compiler, const TextFile &text,
               std::vector<std::string> arguments);
int runMlirTranslate(Compiler &compiler, const TextFile &text,
                     std::vector<std::string> arguments);
int runOpt(Compiler &compiler, const TextFile &text,
           std::vector<std::string> arguments);
int runLlc(Compiler &compiler, const TextFile &text,
           std::vector<std::string> arguments);

/// argv of a tool: lives as long as this.
class ArgumentVector {
public:
  ArgumentVector(std::string name, std::vector<std::string> arguments);

  int count() const { return static_cast<int>(words_.size()); }
  char **data() { return pointers_.data(); }

private:
  std::vector<std::string> words_;
  std::vector<char *> pointers_;
};

} // namespace irlens::mlir_worker

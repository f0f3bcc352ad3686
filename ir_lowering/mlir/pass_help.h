// MLIR's registry of passes can be printed, not read: this reads what it
// prints. Pure; knows no compiler.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace irlens::mlir_worker {

struct PassOptionHelp {
  std::string name;
  std::string description;
};

struct PassHelp {
  std::string name;
  std::string description;
  std::vector<PassOptionHelp> options;
};

/// Lines "  --NAME  -  DESCRIPTION", below which stand those of its options,
/// indented deeper, "--OPTION=<type> - DESCRIPTION".
std::vector<PassHelp> readPassHelp(std::string_view text);

/// The passes of LLVM's `opt -print-passes`: indented lines, whose parameters
/// stand in <>. Sorted, each once.
std::vector<std::string> readLlvmPassNames(std::string_view text);

} // namespace irlens::mlir_worker

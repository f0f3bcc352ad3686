#include "ir_lowering/mlir/tools/tools.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <llvm/Config/llvm-config.h>
#include <llvm/Support/Program.h>
#include <unistd.h>

namespace irlens::mlir_worker {

namespace {

constexpr auto kTools = std::to_array<InProcessTool>({
    {"mlir-opt", runMlirOpt},
    {"mlir-translate", runMlirTranslate},
#ifdef IRLENS_HAS_OPT_DRIVER
    {"opt", runOpt},
#endif
    {"llc", runLlc},
});

bool isProgram(const std::filesystem::path &path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored) &&
         access(path.c_str(), X_OK) == 0;
}

} // namespace

std::span<const InProcessTool> inProcessTools() { return kTools; }

const InProcessTool *findInProcessTool(std::string_view name) {
  const auto *found = std::ranges::find(kTools, name, &InProcessTool::name);
  return found == kTools.end() ? nullptr : found;
}

std::string findProgramOf(std::string_view tool) {
  namespace fs = std::filesystem;
  if (const char *folder = std::getenv("LLVM_BIN_PATH");
      folder && *folder && isProgram(fs::path(folder) / tool))
    return (fs::path(folder) / tool).string();
  fs::path packaged =
      fmt::format("/usr/lib/llvm-{}/bin/{}", LLVM_VERSION_MAJOR, tool);
  if (isProgram(packaged))
    return packaged.string();
  auto found = llvm::sys::findProgramByName(
      fmt::format("{}-{}", tool, LLVM_VERSION_MAJOR));
  return found ? *found : "";
}

ArgumentVector::ArgumentVector(std::string name,
                               std::vector<std::string> arguments)
    : words_(std::move(arguments)) {
  words_.insert(words_.begin(), std::move(name));
  for (std::string &word : words_)
    pointers_.push_back(word.data());
  pointers_.push_back(nullptr);
}

} // namespace irlens::mlir_worker

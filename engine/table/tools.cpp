// See tools.h.
#include "engine/table/tools.h"

#include "engine/table/suggest.h"

#include <fmt/format.h>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <utility>

namespace irlens::engine {
namespace fs = std::filesystem;
namespace {

constexpr std::array kTools{
    Tool{"mlir-opt", Executor::Mlir, "LLVM_BIN_PATH",
         "MLIR's passes: MLIR in, MLIR out"},
    Tool{"mlir-translate", Executor::Mlir, "LLVM_BIN_PATH",
         "between MLIR and other representations, as --mlir-to-llvmir"},
    Tool{"opt", Executor::Mlir, "LLVM_BIN_PATH",
         "LLVM's passes: LLVM IR in, LLVM IR out"},
    Tool{"llc", Executor::Mlir, "LLVM_BIN_PATH", "LLVM IR to assembly"},
    Tool{"torch-mlir-opt", Executor::Python, "TORCH_MLIR_OPT_PATH",
         "torch-mlir's passes: MLIR in, MLIR out"},
    Tool{"triton-opt", Executor::Python, "TRITON_OPT_PATH",
         "Triton's passes: MLIR in, MLIR out"},
    Tool{"triton-llvm-opt", Executor::Python, "TRITON_OPT_PATH",
         "LLVM's passes as Triton has them: LLVM IR in, LLVM IR out"},
};

/// Assembly by the beginning of a triple or the name of an architecture.
constexpr auto kAssembly =
    std::to_array<std::pair<std::string_view, OutputKind>>({
        {"nvptx", {"asm", "ptx", "ptx", "//"}},
        {"amdgcn", {"asm", "s", "amdgcn", ";"}},
        {"spirv", {"spirv", "spvasm", "spirv", ";"}},
        {"aarch64", {"asm", "s", "asm", "//"}},
        {"arm64", {"asm", "s", "asm", "//"}},
    });
constexpr OutputKind kOtherAssembly{"asm", "s", "asm", "#"};

/// The value of `--name=value`, `-name=value` or `-name value`; the last wins.
std::string_view optionOf(std::span<const std::string> arguments,
                          std::string_view name) {
  std::string_view found;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string_view word = arguments[i];
    word.remove_prefix(std::min(word.find_first_not_of('-'), word.size()));
    if (word == name && i + 1 < arguments.size())
      found = arguments[i + 1];
    else if (word.starts_with(name) &&
             word.substr(name.size()).starts_with('='))
      found = word.substr(name.size() + 1);
  }
  return found;
}

bool hasFlag(std::span<const std::string> arguments, std::string_view name) {
  return std::ranges::any_of(arguments, [&](std::string_view word) {
    std::size_t dashes = word.find_first_not_of('-');
    return dashes > 0 && dashes != std::string_view::npos &&
           word.substr(dashes) == name;
  });
}

bool isProgram(const fs::path &path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) &&
         ::access(path.c_str(), X_OK) == 0;
}

} // namespace

std::span<const Tool> tools() { return kTools; }

const Tool *findTool(std::string_view name) {
  auto found = std::ranges::find(kTools, name, &Tool::name);
  return found == kTools.end() ? nullptr : &*found;
}

std::string suggestTool(std::string_view unknown) {
  std::array<std::string_view, kTools.size()> names{};
  std::ranges::transform(kTools, names.begin(), &Tool::name);
  return didYouMean(unknown, names);
}

OutputKind outputOfTriple(std::string_view triple) {
  for (const auto &[prefix, kind] : kAssembly)
    if (triple.starts_with(prefix))
      return kind;
  return kOtherAssembly;
}

OutputKind outputOfTool(std::string_view name,
                        std::span<const std::string> arguments) {
  if (name == "opt" || name == "triton-llvm-opt")
    return kLlvmText;
  if (name == "mlir-translate") {
    if (hasFlag(arguments, "mlir-to-llvmir"))
      return kLlvmText;
    return hasFlag(arguments, "import-llvm") ? kMlirText : kUnknownText;
  }
  if (name != "llc")
    return kMlirText;
  std::string_view architecture = optionOf(arguments, "mtriple");
  if (architecture.empty())
    architecture = optionOf(arguments, "march");
  // The triple is then that of the module: the worker sees what came out.
  return architecture.empty() ? kOtherAssembly : outputOfTriple(architecture);
}

void ToolPaths::add(std::string_view tool, ToolPath path) {
  paths_.insert_or_assign(std::string(tool), std::move(path));
}

void ToolPaths::addFolder(const std::string &folder, bool trusted) {
  for (const Tool &tool : kTools)
    if (fs::path path = fs::path(folder) / tool.name; isProgram(path))
      add(tool.name, {path.string(), trusted});
}

void ToolPaths::addEnvironment(
    const std::function<const char *(const char *)> &variable) {
  for (const Tool &tool : kTools) {
    const char *value = variable(std::string(tool.variable).c_str());
    if (!value || !*value)
      continue;
    // A folder, as PyTorch users know these variables, or the binary itself.
    fs::path path = value;
    if (path.filename() != tool.name)
      path /= tool.name;
    if (isProgram(path))
      add(tool.name, {path.string(), true});
  }
}

const ToolPath *ToolPaths::find(std::string_view tool) const {
  auto found = paths_.find(tool);
  return found == paths_.end() ? nullptr : &found->second;
}

std::string findOnPath(const std::string &name) {
  const char *path = std::getenv("PATH");
  if (name.contains('/') || !path)
    return name;
  std::string_view folders = path;
  while (!folders.empty()) {
    std::string_view folder = folders.substr(0, folders.find(':'));
    folders.remove_prefix(std::min(folder.size() + 1, folders.size()));
    fs::path candidate = fs::path(folder) / name;
    if (!folder.empty() && isProgram(candidate))
      return candidate.string();
  }
  return name;
}

std::string identityOf(std::span<const std::string> programs) {
  std::string identity;
  for (const std::string &program : programs) {
    std::string path = findOnPath(program);
    struct stat info{};
    bool there = ::stat(path.c_str(), &info) == 0;
    identity += fmt::format("{}|{}|{}.{}\n", path, there ? info.st_size : -1,
                            there ? info.st_mtim.tv_sec : 0,
                            there ? info.st_mtim.tv_nsec : 0);
  }
  return identity;
}

} // namespace irlens::engine

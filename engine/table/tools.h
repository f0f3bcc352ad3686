// The tools that a step can name, what their output is, and where the user's
// own binaries of them are. Used by the readers of rows and pipelines, by the
// engine for the key of a run, by the JSON Schema. Any thread; the functions
// that take or return paths look at the file system.
#pragma once

#include "engine/table/stage.h"

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace irlens::engine {

struct Tool {
  std::string_view name; ///< As it is called on a command line.
  Executor executor;     ///< The worker that has it, or runs the user's.
  /// Environment variable that names the folder of the user's binaries.
  std::string_view variable;
  std::string_view help;
};

std::span<const Tool> tools();
/// Null if there is none of this name.
const Tool *findTool(std::string_view name);
/// "; did you mean `opt`?", empty when no name is near.
std::string suggestTool(std::string_view unknown);

/// How a text is shown when its row does not say so itself.
struct OutputKind {
  std::string_view format; ///< Empty: the worker looks at the text.
  std::string_view extension;
  std::string_view language;
  std::string_view comment;
};

inline constexpr OutputKind kMlirText{"mlir", "mlir", "mlir", "//"};
inline constexpr OutputKind kLlvmText{"llvm", "ll", "llvm", ";"};
inline constexpr OutputKind kUnknownText{"", "txt", "plaintext", "#"};

/// Assembly for a target triple, or an architecture as `llc -march` has it.
OutputKind outputOfTriple(std::string_view triple);
OutputKind outputOfTool(std::string_view name,
                        std::span<const std::string> arguments);

/// The path of the user's own binary of a tool, and whether everybody who named
/// it is trusted.
struct ToolPath {
  std::string path;
  bool trusted = true;
};

/// What the layers and the environment say about the user's own binaries. The
/// last one that says something about a tool wins.
class ToolPaths {
public:
  void add(std::string_view tool, ToolPath path);
  /// All tools that this folder has.
  void addFolder(const std::string &folder, bool trusted);
  /// LLVM_BIN_PATH, TORCH_MLIR_OPT_PATH and TRITON_OPT_PATH.
  void
  addEnvironment(const std::function<const char *(const char *)> &variable);

  /// Null: irlens brings the tool.
  const ToolPath *find(std::string_view tool) const;

private:
  std::map<std::string, ToolPath, std::less<>> paths_;
};

/// As execvp finds it, but never in the current folder; the name itself if it
/// is nowhere.
std::string findOnPath(const std::string &name);

/// Path, size and time of programs, as they are now. A name without a folder is
/// looked for on the PATH.
std::string identityOf(std::span<const std::string> programs);

} // namespace irlens::engine

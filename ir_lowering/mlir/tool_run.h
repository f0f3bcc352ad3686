// Runs a program of the toolchain (ptxas) over a text in memory, with a time
// limit. Stage processes only. Knows no compiler.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace irlens::mlir_worker {

struct ToolRun {
  enum class End : std::uint8_t { Exited, Signalled, TimedOut, NotStarted };
  End end = End::NotStarted;
  int code = 0;       ///< Exit code, or signal.
  std::string output; ///< Standard output and error.

  bool succeeded() const { return end == End::Exited && code == 0; }
};

/// Where runTool puts the names of the input and of a file for what the
/// program makes, which is thrown away.
inline constexpr std::string_view kToolInput = "{input}";
inline constexpr std::string_view kToolOutput = "{output}";

/// `command` starts with the program's path. Both files are in memory: a
/// process that is killed leaves nothing behind.
ToolRun runTool(std::vector<std::string> command, std::string_view input,
                int timeoutMs);

} // namespace irlens::mlir_worker

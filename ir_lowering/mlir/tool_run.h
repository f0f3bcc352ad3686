// Runs one tool over a text, with limits: a program of the user's or of the
// toolchain, or a function of this process in a fork of it. Called in stage
// processes only, which it blocks. Knows no compiler.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace irlens::mlir_worker {

/// Stand in a command for the names of the files with the text and for the
/// result. Without the first the text comes on standard input, without the
/// second standard output is the result.
inline constexpr std::string_view kToolInput = "{input}";
inline constexpr std::string_view kToolOutput = "{output}";

/// Of the environment; without a value it is taken away.
struct Variable {
  std::string name;
  std::optional<std::string> value;
};

// g++ warns of designated initializers that leave out a field without one.
// NOLINTBEGIN(readability-redundant-member-init)
struct ToolCall {
  std::vector<std::string> command =
      {}; ///< Program (path or name) and arguments.
  /// Called in the child instead of the program; its result is the exit code.
  std::function<int()> function = {};
  std::string input = {};        ///< The file with the text.
  std::string output = {};       ///< The file that the result is written to.
  std::uint64_t outputLimit = 0; ///< Bytes of it that are kept; 0: all.
  std::uint64_t wordsLimit = 1 << 20; ///< The same for standard error.
  double untilMs = 0;                 ///< When it is stopped, as of nowMs().
  bool inheritsFiles = false;  ///< Its files are descriptors of this process.
  bool literalCommand = false; ///< {input} and {output} stand for themselves.
  std::vector<Variable> environment = {}; ///< Other than ours.
  bool joinsErrors = false; ///< Standard error goes where the output goes.
};

struct ToolRun {
  enum class End : std::uint8_t { Exited, Signalled, TimedOut, NotStarted };
  End end = End::NotStarted;
  int code = 0; ///< Exit code, signal, or the error of starting it.
  std::string output =
      {}; ///< Standard error; and output if it is not the result.
  std::uint64_t made = 0; ///< Bytes of result, before they were cut.
  std::uint64_t kept = 0; ///< Bytes of them in the file.

  bool succeeded() const { return end == End::Exited && code == 0; }
};
// NOLINTEND(readability-redundant-member-init)

/// A program runs in a process group of its own. What is left of it when it has
/// ended, was too slow, or when the caller dies, is killed.
ToolRun runTool(const ToolCall &call);

/// The same over a text in memory, without a result: all that matters is what
/// the program says (ptxas).
ToolRun runTool(std::vector<std::string> command, std::string_view input,
                int timeoutMs);

} // namespace irlens::mlir_worker

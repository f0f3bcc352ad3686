// Diagnostics about the user's code, as plain data.
// Workers report them (engine/worker/PROTOCOL.md, DIAG), the engine places them
// on a line of the user's file, lsp and the command line show them.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace irlens::engine {

enum class Severity : std::uint8_t { Error = 1, Warning, Info, Hint };

/// In the order of Severity: the words of reports and of the command line.
inline constexpr std::array<std::string_view, 4> kSeverityNames{
    "error", "warning", "info", "hint"};

constexpr std::string_view severityName(Severity severity) {
  return kSeverityNames.at(static_cast<std::size_t>(severity) - 1);
}

/// An error if there is none of this name.
constexpr Severity severityNamed(std::string_view name) {
  for (std::size_t i = 0; i < kSeverityNames.size(); ++i)
    if (kSeverityNames.at(i) == name)
      return static_cast<Severity>(i + 1);
  return Severity::Error;
}

/// A place in a source file. Lines and columns count from 1, columns in bytes;
/// 0 means unknown.
struct SourcePos {
  std::string file; ///< Absolute path.
  int line = 0;
  int column = 0;

  bool operator==(const SourcePos &) const = default;
};

struct Note {
  SourcePos pos;
  std::string message;
};

struct Diagnostic {
  Severity severity = Severity::Error;
  std::string message;
  std::string stage;       ///< Id of the stage, empty for the file as a whole.
  std::string op;          ///< "torch.aten.foo", empty when no op is to blame.
  SourcePos pos;           ///< Outermost frame in the user's files.
  std::vector<Note> notes; ///< The other frames and the tool's own notes.
  SourcePos
      end{}; ///< Behind the code to blame; line 0: to the end of the line.
  // Given last and rarely: initialized, so that it may be left out.
  // NOLINTNEXTLINE(readability-redundant-member-init)
  std::string link = {}; ///< A page about this kind of diagnostic, or empty.
  // NOLINTNEXTLINE(readability-redundant-member-init)
  std::string pass = {}; ///< The pass that says it; empty if it is none.
};

} // namespace irlens::engine

// Rows of the stage table for the RUN lines of a file: run-1, run-2, ... Each
// pipeline is a row, each tool a step; files that pass a text on (%t) become
// `from` and `inputs`. Called by the table. Pure; any thread.
//
// Steps, one key each but for `tool` and `command`:
//   {"tool": "mlir-opt", "args": [...]}   a known tool, text in, text out
//   {"command": ["mytool", ..., "{input}"]}   a tool that the settings name
//   {"filecheck": {"args": [...], "against": FILE}}   leaves the text as it is
//   {"count": "3"}                        so does this: fails unless 3 lines
//   {"diff": {"args": [...], "against": FILE}}   and this
//   {"split-file": {"file": FILE, "directory": DIR, "leading-lines": false}}
//   {"read": FILE}    the text is now that file's; {"write": FILE}    copies it
//   {"remove": PATH}, {"make-directory": PATH}   below the folder of %t only
// What a command is beyond its words stands beside those keys:
//   "expects": "failure" | "failure-or-crash" | "crash"   `not` and the like
//   "errors": "joined" (2>&1) or a file (2> FILE)
//   "name": FILE   what messages are to call the text: it was given as that
//   file "output": FILE   what the tool makes goes there and not to the next
//   step "env": {"NAME": "value", "OTHER": null}
#pragma once

#include "engine/run_lines/run_lines.h"

#include <string>
#include <string_view>
#include <vector>

namespace irlens::engine::run_lines {

/// Stands for the folder of %t in the rows of a file: where that is, only the
/// run knows.
inline constexpr std::string_view kTemporaryFolder = "{temporary}";

struct RowContext {
  Surroundings surroundings; ///< As they were given to readRunLines.
  std::string stage;         ///< Id of the stage that the file's text is.
  std::string_view text;     ///< The file's text.
  /// Tools that the settings name, beside those that irlens knows.
  std::vector<std::string> tools;
};

struct RunRow {
  std::string id;
  std::string json;     ///< {"id", "from", "steps"} and, if any, "inputs".
  TextRange definition; ///< The pipeline.
  std::vector<TextRange> steps; ///< The command of each step.
};

struct RunRows {
  std::vector<RunRow> rows;
  std::vector<Diagnostic> diagnostics; ///< Those of `lines` not again.
};

RunRows rowsOf(const RunLines &lines, const RowContext &context);

} // namespace irlens::engine::run_lines

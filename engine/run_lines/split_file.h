// What LLVM's split-file does: a file with markers `//--- name` becomes
// several. Used for RUN lines that split the test itself. Pure; any thread.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace irlens::engine::run_lines {

struct FilePart {
  std::string name; ///< As written; may name folders (`sub/a.mlir`).
  std::string text;
  int firstLine = 0; ///< Line of the whole file where the text begins, from 1.
};

struct SplitError {
  std::string message;
  int line = 0; ///< 0: of no line.
};

/// `leadingLines`: each part begins with as many empty lines as stand before it
/// in the whole file, so that line numbers stay true.
std::expected<std::vector<FilePart>, SplitError>
splitFile(std::string_view text, bool leadingLines);

} // namespace irlens::engine::run_lines

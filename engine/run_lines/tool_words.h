// Which of a command's words are files: the text that a tool reads, the file
// that it writes, FileCheck's two inputs. Used by run_rows.cpp. Pure; any
// thread.
#pragma once

#include "engine/run_lines/command_tree.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace irlens::engine::run_lines {

/// A compiler tool's words, the files taken out.
struct ToolWords {
  std::vector<std::string> arguments;
  std::optional<Word> input;  ///< The file that is named; `-` counts as none.
  std::optional<Word> output; ///< Of `-o`; `-` counts as none.
  bool toStdout = false;      ///< `-o -` was said.
};

/// `isFile` says of a word whether it is a file of this test. Other words count
/// as files by their extension, or when no option that may take them is before.
ToolWords readToolWords(const Command &command,
                        const std::function<bool(std::string_view)> &isFile);

struct FileCheckWords {
  std::vector<std::string> arguments; ///< Options; none about the dump.
  std::optional<Word> against;        ///< The file with the checks.
  std::optional<Word> input;          ///< Of --input-file; `-` counts as none.
  std::vector<std::string> prefixes;  ///< "CHECK" when none are named.
  bool strictWhitespace = false;
};

FileCheckWords readFileCheckWords(const Command &command);

} // namespace irlens::engine::run_lines

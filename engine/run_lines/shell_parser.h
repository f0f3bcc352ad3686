// Makes pipelines of the tokens of a RUN line: `|`, `&&`, `||`, `;`,
// redirections, and the words in front of a tool that lit itself obeys (`not`,
// `!`, `env`). Used by run_lines.cpp. Pure; any thread.
#pragma once

#include "engine/run_lines/command_tree.h"
#include "engine/run_lines/shell_words.h"

#include <vector>

namespace irlens::engine::run_lines {

struct ParsedCommands {
  std::vector<Part> parts;
  std::vector<Complaint> errors; ///< Each of them means: do not run this.
  std::vector<Complaint> warnings;
};

ParsedCommands parseCommands(const PlacedText &command, const LineIndex &lines);

} // namespace irlens::engine::run_lines

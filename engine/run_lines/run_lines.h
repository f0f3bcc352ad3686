// RUN lines are pipelines: reads what an IR file says of how to test it, as lit
// does and without a shell. Called by the table when it makes the rows of a
// file (run_rows.h), and by whoever runs the commands. Pure; any thread.
//
// lit's rules hold (keywords anywhere in a line, each substitution made once,
// words as its internal shell reads them). Other than in lit, patterns of file
// names are taken as they are, and %if is "not understood": which features
// there are is a matter of lit's configuration.
#pragma once

#include "engine/run_lines/command_tree.h"
#include "engine/run_lines/substitutions.h"

#include <string_view>

namespace irlens::engine::run_lines {

RunLines readRunLines(std::string_view text, const Surroundings &surroundings);

/// A quick look: false for a file that surely has none.
bool mayHaveRunLines(std::string_view text);

} // namespace irlens::engine::run_lines

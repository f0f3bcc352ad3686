// A pipeline as people write it on a command line:
//     mlir-opt --canonicalize | mlir-translate --mlir-to-llvmir | opt -O2
// Split as a shell does, without a shell: what only a shell can do is an error.
// The same text stands in a row's `steps`, in comments, on the command line and
// in RUN lines. Pure, fuzzed; any thread.
#pragma once

#include "engine/table/json_text.h"

#include <string>
#include <string_view>
#include <vector>

namespace irlens::engine {

/// A word without its quotes and backslashes, and where it stands with them.
struct PipelineWord {
  std::string text;
  ByteRange range;
};

/// A tool with its arguments; `words` is never empty.
struct PipelineCommand {
  std::vector<PipelineWord> words;
  ByteRange range;
};

struct Pipeline {
  std::vector<PipelineCommand> commands;
  std::vector<TextProblem> problems; ///< Not empty: the commands are no use.
};

/// The commands between the bars. Does not ask whether there are such tools.
Pipeline splitPipeline(std::string_view text);

/// A word so that splitPipeline gives it back as it is.
std::string quoteWord(std::string_view word);

} // namespace irlens::engine

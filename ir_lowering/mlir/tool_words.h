// What a tool says on standard error, and how it ended, as diagnostics and in
// words that a user understands. Pure; used in stage processes, by unit tests
// and the fuzzer. Knows no compiler.
#pragma once

#include "ir_lowering/mlir/tool_run.h"
#include "ir_lowering/worker/report.h"

#include <string>
#include <string_view>
#include <vector>

namespace irlens::mlir_worker {

/// Errors, warnings and remarks with a place, "FILE:3:5: error: ...", as MLIR,
/// LLVM and most compilers print them. "<stdin>" as a file is `inputName`.
std::vector<ReportDiagnostic> diagnosticsIn(std::string_view words,
                                            const std::string &inputName);

/// The last lines that are not empty, at most `count`; repeated ones count
/// once.
std::string lastLines(std::string_view text, std::size_t count);

/// What can be said about a tool that failed.
struct ToolFailure {
  Status status = Status::Failed;
  std::string message;
};

struct ToolLimits {
  int timeoutMs = 0;
  int memoryMb = 0;
};

/// Why a run is no success: it could not be started, was too slow, crashed,
/// ended with an exit code. `name`: of the tool, for people.
ToolFailure describeFailure(const std::string &name, const ToolRun &run,
                            const ToolLimits &limits);

/// "8 MiB", "1.5 GiB", "12 bytes"
std::string describeSize(std::uint64_t bytes);

/// The tool's words show that the tool in this process lacks what the complete
/// program may have: an option, a pass or a dialect (LLVM's test passes).
bool wantsOtherTool(std::string_view words);

} // namespace irlens::mlir_worker

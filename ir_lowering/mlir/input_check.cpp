#include "ir_lowering/mlir/input_check.h"

#include "ir_lowering/mlir/tool_run.h"
#include "ir_lowering/mlir/tool_words.h"
#include "ir_lowering/worker/process.h"

#include <cstdio>
#include <filesystem>
#include <fmt/format.h>

namespace irlens::mlir_worker {

namespace {

/// In the forked process: the result goes to standard output.
int printDiagnostics(const Check &check, Compiler &compiler) {
  limitMemory(check.memoryMb);
  auto found =
      check.format == "llvm" ? checkLlvm(check) : checkMlir(check, compiler);
  nlohmann::json result = {{"diagnostics", toJson(found)}};
  // A text may have bytes that are no UTF-8, and messages quote it.
  std::string text =
      result.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  fmt::print("{}\n", text);
  std::fflush(stdout);
  return 0;
}

} // namespace

JobOutcome runCheck(const Check &check, Compiler &compiler) {
  std::error_code error;
  std::filesystem::create_directories(check.out, error);
  if (error)
    return {Status::Failed, fmt::format("{}: {}", check.out, error.message()),
            0};
  std::string path = check.out + "/check.json";
  std::string temporary = fmt::format("{}.{}.tmp", path, getpid());
  ToolRun run =
      runTool({.function = [&] { return printDiagnostics(check, compiler); },
               .input = check.path,
               .output = temporary,
               .untilMs = nowMs() + check.timeoutMs});
  JobOutcome outcome;
  if (!run.succeeded()) {
    ToolFailure failure =
        describeFailure("check", run, {check.timeoutMs, check.memoryMb});
    outcome = {failure.status, failure.message, 0};
  } else if (auto renamed = renameFile(temporary, path); !renamed) {
    outcome = {Status::Failed, renamed.error().message, 0};
  }
  std::remove(temporary.c_str());
  return outcome;
}

} // namespace irlens::mlir_worker

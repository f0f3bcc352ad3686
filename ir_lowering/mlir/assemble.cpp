// The step {"assemble": {"tool": "ptxas", "cpu": "sm_90"}}: NVIDIA's own
// assembler, which comes with the triton wheel, over the PTX that was
// generated. It says what a kernel needs (registers, spills, shared memory),
// and it is the judge of the text: what it refuses is a warning on the stage.
// Without the wheel, or in longer than people wait, the stage does without.
#include "ir_lowering/mlir/steps.h"
#include "ir_lowering/mlir/tool_run.h"
#include "ir_lowering/worker/process.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

namespace irlens::mlir_worker {

namespace {

namespace fs = std::filesystem;

constexpr int kTimeoutMs = 10000;
/// One message may be repeated for each kernel.
constexpr std::size_t kMaxErrors = 4;

std::string findPtxas(const std::vector<std::string> &folders) {
  for (const fs::path folder : folders)
    for (const fs::path &candidate :
         {folder / "ptxas", folder / "triton/backends/nvidia/bin/ptxas"})
      if (std::error_code ignored; fs::is_regular_file(candidate, ignored))
        return candidate.string();
  return "";
}

void warn(StepContext &context, std::string message) {
  context.diagnostics.add(
      {.severity = "warning", .message = std::move(message)});
}

void readResult(StepContext &context, const ToolRun &run) {
  if (run.end == ToolRun::End::TimedOut)
    return warn(context, fmt::format("ptxas was {}: registers and spills are "
                                     "not known",
                                     describeTimeout(kTimeoutMs)));
  if (!run.succeeded()) {
    std::vector<std::string> errors = errorsOfPtxas(run.output);
    if (errors.empty())
      errors.push_back(fmt::format("ended with code {}", run.code));
    errors.resize(std::min(errors.size(), kMaxErrors));
    for (const std::string &error : errors)
      warn(context, "ptxas: " + error);
    return;
  }
  context.session.assembled = factsFromPtxas(run.output);
}

} // namespace

bool assemble(StepContext &context, const nlohmann::json &request) {
  Session &session = context.session;
  if (session.assembly.empty())
    return context.fail(fmt::format("{} cannot be assembled", session.form()));
  if (!request.is_object() || request.value("tool", "") != "ptxas")
    return context.fail("step 'assemble' takes {tool, cpu}, and knows ptxas");
  std::string program =
      findPtxas(deviceLibraryFolders(session.deviceLibraries));
  if (program.empty())
    return true;
  context.progress.enter(Phase::Assembling);
  std::string cpu = request.value("cpu", "");
  readResult(context,
             runTool({program, "-v", "-c", "-arch=" + cpu,
                      std::string(kToolInput), "-o", std::string(kToolOutput)},
                     session.assembly.str(), kTimeoutMs));
  return true;
}

} // namespace irlens::mlir_worker

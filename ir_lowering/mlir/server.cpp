#include "ir_lowering/mlir/server.h"

#include "ir_lowering/mlir/input_check.h"
#include "ir_lowering/mlir/job.h"
#include "ir_lowering/mlir/steps.h"
#include "ir_lowering/worker/fork_server.h"
#include "ir_lowering/worker/huge_text.h"

#include <llvm/Config/llvm-config.h>
#include <unistd.h>

namespace irlens::mlir_worker {

namespace {

using nlohmann::json;

/// Writes the events of a job's stages to the engine.
class EventWriter : public JobEvents {
public:
  explicit EventWriter(const Job &job) : job_(job) {}

  void onRunning(const std::string &stage) override { write(stage, "running"); }
  void onFinal(const std::string &stage, Status status) override {
    write(stage, toString(status));
  }

private:
  void write(const std::string &stage, std::string_view status) {
    writeEvent(STDOUT_FILENO, {{"event", "stage"},
                               {"job", job_.id},
                               {"entry", job_.entry},
                               {"stage", stage},
                               {"status", status}});
  }

  const Job &job_;
};

json hello() {
  json unavailable = json::object();
  std::vector<std::string> folders = deviceLibraryFolders({});
  if (folders.empty())
    unavailable["device-library"] = "pip install triton==3.9.0";
  return {{"worker", "mlir"},
          {"tools", {{"llvm", LLVM_VERSION_STRING}}},
          {"steps", std::vector(stepNames().begin(), stepNames().end())},
          {"unavailable", unavailable},
          {"site", folders}};
}

} // namespace

int serve(Compiler &compiler) {
  auto read =
      [&compiler](
          std::string_view line) -> std::expected<ServedRequest, BadRequest> {
    auto request = parseRequest(line);
    if (!request)
      return std::unexpected(request.error());
    if (auto *cancel = std::get_if<Cancel>(&*request))
      return *cancel;
    if (auto *check = std::get_if<Check>(&*request))
      return ServedJob{check->id, check->timeoutMs,
                       [&compiler, check = std::move(*check)] {
                         return runCheck(check, compiler);
                       }};
    auto job = std::get<Job>(std::move(*request));
    int id = job.id;
    int timeoutMs = job.timeoutMs;
    return ServedJob{id, timeoutMs, [&compiler, job = std::move(job)] {
                       EventWriter events(job);
                       return runJob(job, compiler, events);
                     }};
  };
  // LLVM and MLIR have 60 MB each.
  HugeText text(16 << 20);
  return worker::serve(
      {"irlens-mlir", hello(), read, [&text] { return text.step(); }});
}

} // namespace irlens::mlir_worker

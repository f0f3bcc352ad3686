// irlens-torchscript: the fork server of TorchScript archives, started by the
// engine when somebody opens one (engine/worker/PROTOCOL.md).
#include "ir_lowering/torchscript/capture_job.h"
#include "ir_lowering/torchscript/request.h"

#include <ATen/Parallel.h>
#include <cstdio>
#include <torch/version.h>
#include <unistd.h>

namespace {

using namespace irlens;
using namespace irlens::torchscript_worker;

std::expected<ServedRequest, BadRequest> readRequest(std::string_view line) {
  auto request = parseRequest(line);
  if (!request)
    return std::unexpected(request.error());
  if (auto *cancel = std::get_if<Cancel>(&*request))
    return *cancel;
  auto job = std::get<CaptureJob>(std::move(*request));
  int id = job.id;
  int timeoutMs = job.timeoutMs;
  return ServedJob{id, timeoutMs,
                   [job = std::move(job)] { return runCapture(job); }};
}

} // namespace

int main() {
  // Only the forking thread survives a fork.
  at::set_num_threads(1);
  at::set_num_interop_threads(1);
  int code = serve({"irlens-torchscript",
                    {{"worker", "torchscript"},
                     {"tools", {{"libtorch", TORCH_VERSION}}},
                     {"steps", {"jit"}},
                     {"unavailable", nlohmann::json::object()},
                     {"site", nlohmann::json::array()}},
                    readRequest});
  std::fflush(nullptr);
  _exit(code);
}

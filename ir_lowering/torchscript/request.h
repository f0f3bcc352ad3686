// What the engine asks of irlens-torchscript (engine/worker/PROTOCOL.md):
// capture jobs over a TorchScript archive. Parsed in the server process; knows
// no torch.
#pragma once

#include "ir_lowering/worker/fork_server.h"

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace irlens::torchscript_worker {

/// A row of the stage table: a graph after these passes.
struct Row {
  std::string id;
  std::string format;
  std::vector<std::string> passes;
};

struct CaptureJob {
  int id = 0;
  std::string file;
  std::string out;
  int timeoutMs = 60000;
  int memoryMb = 4096;
  int parallel = 2;
  /// Names of the methods that are wanted; nothing: all.
  std::optional<std::vector<std::string>> entries;
  std::vector<Row> stages;
};

using Request = std::variant<CaptureJob, Cancel>;

std::expected<Request, BadRequest> parseRequest(std::string_view line);

} // namespace irlens::torchscript_worker

// What the engine asks of this worker (engine/worker/PROTOCOL.md), as values.
// Parsed by the server process, and by the unit tests and the fuzzer; knows no
// compiler.
#pragma once

#include "engine/result.h"
#include "ir_lowering/worker/fork_server.h"

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace irlens::mlir_worker {

/// A row of the stage table with its target substituted.
struct Row {
  std::string id;
  std::string from;
  std::string format; ///< Of the text that the stage makes: "mlir", "llvm", ...
  nlohmann::json steps; ///< An array of objects with one key each.
};

struct Job {
  int id = 0;
  std::string entry;
  std::string inputStage;
  std::string inputPath;
  std::string inputFormat; ///< "mlir" or "llvm".
  std::string out;
  std::string artifacts; ///< Folder with the entry's other stages.
  int timeoutMs = 60000;
  int memoryMb = 4096;
  int parallel = 2;
  std::vector<std::string> deviceLibraries; ///< Folders to look in first.
  std::vector<Row> stages; ///< In the order in which they are wanted.
};

using Request = std::variant<Job, Cancel>;

std::expected<Request, BadRequest> parseRequest(std::string_view line);

/// One row. Errors: InvalidConfig with what is missing.
engine::Result<Row> parseRow(const nlohmann::json &row);

} // namespace irlens::mlir_worker
